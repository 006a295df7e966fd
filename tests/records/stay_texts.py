"""The text file of a small stay, part by part, and the values in its record."""

from backend.records.record import Record

HEADER = "Time,Parameter,Value\n"
ADMISSION = "00:00,RecordID,900001\n00:00,Age,54\n00:00,Gender,0\n00:00,Height,-1\n00:00,ICUType,4\n00:00,Weight,80\n"
CHARTED = "00:07,HR,73\n00:07,pH,7.31\n10:00,HR,90\n48:00,Urine,60\n"


def value_of(record: Record, parameter: str, minute: int) -> float:
    return record.signals[minute, record.channel_index(parameter)]
