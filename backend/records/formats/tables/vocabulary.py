"""The words by which tables state rates, units, names and times, in the languages of exports; all in lower case."""

__all__ = ["COUNT_WORDS", "INTERVAL_WORDS", "NAME_WORDS", "OTHER_UNITS", "RATE_WORDS", "TIME_WORDS", "UNIT_WORDS"]


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


RATE_WORDS = _words(
    "samplingrate samplingfrequency samplefrequency samplerate samplingfreq samplefreq samplingfrequenz",
    "samplingrates fs fsample sfreq srate sr sps rate freq frequency frequenz samplespersecond messfrequenz",
    "abtastrate abtastfrequenz abtastungsfrequenz frequencedechantillonnage tauxdechantillonnage",
    "frequencedemesure frequenciadeamostragem taxadeamostragem frecuenciademuestreo tasademuestreo",
    "frequenzadicampionamento frequenzadimisurazione frecuenciademedicion frecuenciademedida samplingsfrekvens",
    "provtagningsfrekvens samplefrekvens bemonsteringsfrequentie bemonsteringsfrekventie samplingsrate",
    "ecgsamplingrate ecgsamplerate ecgrate ecgfs ekgabtastrate signalsamplingrate acquisitionrate",
    "acquisitionfrequency recordingrate datarate czestotliwoscprobkowania hz",
)
"""Words before a sampling rate, folded."""

INTERVAL_WORDS = _words(
    "samplinginterval sampleinterval samplingperiod sampleperiod interval abtastintervall dt timestep",
    "periodedechantillonnage intervalodemuestreo deltat",
)
"""Words before a sampling interval."""

UNIT_WORDS = _words(
    "unit units einheit einheiten unite unites unidad unidades unita eenheid enhet enhed yksikko jednostka",
    "ecgunit ecgunits amplitudeunit amplitudeunits signalunit signalunits yunit yunits physicalunit",
    "physicalunits physicaldimension dimension masseinheit unidade unidadede voltageunit valueunit dataunit",
)
"""Words before the unit of the signals."""

NAME_WORDS = _words(
    "lead leads label labels channel channels ableitung ableitungen kanal kanale derivation derivations",
    "derivacion derivaciones derivacao derivazione afleiding avledning channelname channelnames leadname",
    "leadnames ecglead columns columnnames signal signals signalnames",
)
"""Words before the names of leads or columns."""

TIME_WORDS = _words(
    "time timestamp timestamps ts t zeit zeitstempel zeitpunkt uhrzeit temps tiempo tempo tempi tid tijd czas",
    "aika hora heure ora datetime date datum fecha data elapsed clock millis micros nanos seconds secs sec",
    "msec usec timer unix epoch uptime x xvalue время 时间 時間 utc recorded lsl",
)
"""Words in the name of a column of times."""

COUNT_WORDS = _words(
    "sample samples index idx seq nseq sequence counter count frame frames packet point points row rows record",
    "line id nr no number num # n i unnamed block",
)
"""Words in the name of a column that counts rows."""

OTHER_UNITS = _words(
    "cal raw uncal no_units nounits n/a none - unitless counts count lsb adu au a.u. adc digit digits bit bits",
    "raw_adc bpm 1/min /min hz g mg m/s2 m/s^2 m/(s^2) m/s² m/(sec^2) deg deg/s °/s dps °c c degc celsius f °f",
    "% percent mmhg kpa cmh2o ohm ohms kohm kohms u us/cm l/min ml nu ut µt gauss uw lux pa hpa degrees rad",
    "sample samples index local/flux",
)
"""Units, and marks in their place, of columns that are neither times nor potentials."""
