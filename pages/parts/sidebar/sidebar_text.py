"""The text of the sidebar."""

__all__ = [
    "AS_STATED",
    "CONNECTING",
    "OWN_FILES",
    "READING_FILES",
    "STAYS_HERE",
    "UNDERSTOOD",
    "WHICH_IS_ECG",
    "WHICH_IS_ECG_HELP",
    "count_samples",
    "go_to_screen",
    "origin_sentence",
    "unknown_model",
    "unknown_record",
    "uploaded_sentence",
]

OWN_FILES = "Your own files …"
STAYS_HERE = "Files stay in the memory of this session."
AS_STATED = "as in the file"
READING_FILES = "Reading and checking the files …"
UNDERSTOOD = "What was understood"
WHICH_IS_ECG = "Which of these is the ECG?"
WHICH_IS_ECG_HELP = (
    "The names of these channels do not say what they record, and none shows clear heartbeats. Each strip has its own "
    "scale. Channels named as another signal are not shown."
)
CONNECTING = "Connecting to PhysioNet …"


def uploaded_sentence(name: str, content: str) -> str:
    """State what was uploaded and where it is kept."""
    return f"**{name}**: {content}. Kept in the memory of this session only."


def go_to_screen(screen: str) -> str:
    """Return the label of the link to the screen on which an upload is open."""
    return f"Go to the {screen} screen"


def count_samples(count: int, noun: str) -> str:
    """Return the label of the samples that can be downloaded."""
    return f"{count} more {noun}" if count == 1 else f"{count} more {noun}s"


def origin_sentence(origins: list[str], size_bytes: int) -> str:
    """State databases and licences, and how much there is to download."""
    size = f"{size_bytes / 1e6:.1f} MB" if size_bytes >= 1e5 else f"{size_bytes / 1e3:.0f} kB"
    return f"From PhysioNet: {'; '.join(origins)}. No model was trained on these records. Size: {size}."


def unknown_record(name: str) -> str:
    """Say that a link names a record that is not on this machine."""
    return f"The link names an unknown record {name!r}. Choose another, or use the one shown."


def unknown_model(name: str) -> str:
    """Say that a link names a model that is not on this machine."""
    return f"The link names an unknown model {name!r}. Choose another, or use the default as shown."
