"""Fetching against a mirror that is really served over HTTP, on loopback, and that fails in every way."""

import io
import socket
import struct
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import wfdb

from backend.records.record import RecordRefused
from backend.records.samples.download import FetchReport, fetch_samples
from tests.records.sample_roots import (
    FILES,
    ICU_FILES,
    ICU_FOLDERS,
    write_catalogue,
    write_database,
    write_icu_catalogue,
    write_icu_files,
)

PATIENCE_S = 0.5


class Mirror(ThreadingHTTPServer):
    """Serves a folder as PhysioNet does; ``faults`` says which file is answered how instead."""

    daemon_threads = True

    def __init__(self, folder: Path):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.asked: list[str] = []
        self.faults: dict = {}
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/files/"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.rpartition("/")[2]
        self.server.asked.append(name)
        path = self.server.folder / self.path.removeprefix("/files/")
        if not path.is_file():
            self.send_error(404)
            return
        self.server.faults.get(name, _whole)(self, path.read_bytes())

    def log_message(self, *_):
        pass


def _announce(handler, length: int | None) -> None:
    handler.send_response(200)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()


def _whole(handler, content: bytes) -> None:
    _announce(handler, len(content))
    handler.wfile.write(content)


def _cut_half_way(handler, content: bytes) -> None:
    _announce(handler, len(content))
    handler.wfile.write(content[: len(content) // 2])


def _cut_without_a_length(handler, content: bytes) -> None:
    _announce(handler, None)
    handler.wfile.write(content[: len(content) // 2])


def _reset_half_way(handler, content: bytes) -> None:
    _announce(handler, len(content))
    handler.wfile.write(content[: len(content) // 2])
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def _one_byte_changed(handler, content: bytes) -> None:
    _whole(handler, content[:-1] + bytes([content[-1] ^ 1]))


def _a_page_instead(handler, content: bytes) -> None:
    _whole(handler, b"<html>Please log in to the hotel's network</html>" * 1000)


def _without_end(handler, content: bytes) -> None:
    _announce(handler, None)
    while not handler.server.over.is_set():
        handler.wfile.write(bytes(65536))


def _refused(status: int):
    return lambda handler, content: handler.send_error(status)


def _silent(handler, content: bytes) -> None:
    handler.server.over.wait()


def _silent_half_way(handler, content: bytes) -> None:
    _announce(handler, len(content))
    handler.wfile.write(content[: len(content) // 2])
    handler.server.over.wait()


def _trickling(handler, content: bytes) -> None:
    _announce(handler, len(content))
    for byte in content:
        if handler.server.over.wait(PATIENCE_S / 5):
            return
        handler.wfile.write(bytes([byte]))


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A mirror on loopback that wfdb takes for PhysioNet, so that nothing here can reach the network."""
    monkeypatch.delenv("BEATLIGHT_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    write_database(tmp_path / "served" / "madeup" / "2.1.0")
    server = Mirror(tmp_path / "served")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    wfdb.set_db_index_url(server.address)
    yield server
    wfdb.set_db_index_url()
    server.over.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def root(tmp_path, mirror):
    write_catalogue(tmp_path / "samples", mirror.folder / "madeup" / "2.1.0")
    return tmp_path / "samples"


def fetch(root: Path, **options) -> FetchReport:
    return fetch_samples(root=root, timeout_s=PATIENCE_S, **options)


def here(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob("physionet/*"))


def assert_whole(root: Path, mirror: Mirror, names=FILES) -> None:
    assert here(root) == sorted(names)
    for name in names:
        assert (root / "physionet" / name).read_bytes() == (mirror.folder / "madeup" / "2.1.0" / name).read_bytes()


def test_all_files_are_downloaded_unchanged(root, mirror):
    assert fetch(root) == FetchReport(fetched=FILES, kept=(), failures=(), stopped=False)
    assert_whole(root, mirror)


def test_progress_is_reported_for_each_file(root):
    heard = []
    fetch(root, on_file=lambda done, total, name: heard.append((done, total, name)))
    assert heard == [(done, len(FILES), name) for done, name in enumerate(FILES, start=1)]


def test_present_files_are_not_requested_again(root, mirror):
    fetch(root)
    mirror.asked.clear()
    assert fetch(root) == FetchReport(fetched=(), kept=FILES, failures=(), stopped=False)
    assert mirror.asked == []


def test_a_damaged_file_is_downloaded_again(root, mirror):
    fetch(root)
    mirror.asked.clear()
    damaged = root / "physionet" / "901.dat"
    damaged.write_bytes(bytes(damaged.stat().st_size))
    assert fetch(root).fetched == ("901.dat",)
    assert mirror.asked == ["901.dat"]
    assert_whole(root, mirror)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (_cut_half_way, "901.dat from 127.0.0.1 was interrupted"),
        (_cut_without_a_length, "Only 5,000 of 10,000 bytes of 901.dat arrived"),
        (_reset_half_way, "901.dat from 127.0.0.1 was interrupted"),
        (_one_byte_changed, "901.dat is not the file of Made-up Database 2.1.0"),
        (_a_page_instead, "901.dat is not the file of Made-up Database 2.1.0"),
        (_without_end, "901.dat is not the file of Made-up Database 2.1.0"),
        (_refused(404), "answered 404 to the request for 901.dat"),
        (_refused(403), "answered 403 to the request for 901.dat"),
        (_refused(503), "answered 503 to the request for 901.dat"),
    ],
)
def test_an_interrupted_download_is_reported_and_resumed_by_the_next_call(root, mirror, fault, sentence):
    mirror.faults["901.dat"] = fault
    broken = fetch(root)
    assert len(broken.failures) == 1
    assert sentence in broken.failures[0]
    others = [name for name in FILES if name != "901.dat"]
    assert broken.fetched == tuple(others)
    assert_whole(root, mirror, others)

    mirror.faults.clear()
    mirror.asked.clear()
    assert fetch(root) == FetchReport(fetched=("901.dat",), kept=tuple(others), failures=(), stopped=False)
    assert mirror.asked == ["901.dat"]
    assert_whole(root, mirror)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("fault", [_silent, _silent_half_way, _trickling])
def test_a_hanging_server_ends_the_download_and_the_next_call_resumes_it(root, mirror, fault):
    mirror.faults["901.dat"] = fault
    report = fetch(root)
    assert report.fetched == ("901.hea",)
    assert len(report.failures) == 1
    assert "does not answer, so 901.dat and all later files were not downloaded" in report.failures[0]
    assert mirror.asked == ["901.hea", "901.dat"]
    assert_whole(root, mirror, ["901.hea"])

    mirror.faults.clear()
    assert fetch(root).fetched == FILES[1:]
    assert_whole(root, mirror)


@pytest.mark.timeout(60)
def test_a_server_is_tried_again_after_repeated_hangs(root, mirror):
    mirror.faults["901.hea"] = _silent
    for _ in range(3):
        assert len(fetch(root).failures) == 1
    mirror.faults.clear()
    assert fetch(root).fetched == FILES


def test_a_missing_network_is_reported_once_and_present_files_remain(root, mirror):
    fetch(root)
    (root / "physionet" / "902.atr").unlink()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        wfdb.set_db_index_url(f"http://127.0.0.1:{unused.getsockname()[1]}/files/")
        report = fetch(root)
    assert report.kept == FILES[:-1]
    (sentence,) = report.failures
    assert sentence.startswith("127.0.0.1 cannot be reached")
    assert "the simulated samples remain" in sentence
    assert_whole(root, mirror, FILES[:-1])


def test_a_callback_can_cancel_and_a_later_call_resumes(root, mirror):
    stopped = fetch(root, on_file=lambda done, total, name: done < 2)
    assert stopped == FetchReport(fetched=FILES[:2], kept=(), failures=(), stopped=True)
    assert_whole(root, mirror, FILES[:2])
    assert fetch(root).fetched == FILES[2:]


def test_an_error_in_a_callback_leaves_only_complete_files(root, mirror):
    def interrupt(done, total, name):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(root, on_file=interrupt)
    assert_whole(root, mirror, FILES[:3])


def test_concurrent_downloads_do_not_interfere(root, mirror):
    meeting = threading.Barrier(2, timeout=10)

    def together(handler, content):
        meeting.wait()
        _whole(handler, content)

    mirror.faults = dict.fromkeys(FILES, together)
    with ThreadPoolExecutor(2) as both:
        reports = list(both.map(lambda _: fetch_samples(root=root, timeout_s=20), range(2)))
    assert [report.failures for report in reports] == [(), ()]
    assert [len(report.fetched) for report in reports] == [len(FILES)] * 2
    assert_whole(root, mirror)


@pytest.mark.parametrize("layout", ["madeup/2.1.0", "madeup"])
def test_a_local_mirror_is_copied_without_network_access(root, mirror, tmp_path, layout):
    write_database(tmp_path / "local" / layout)
    assert fetch(root, mirror=tmp_path / "local").fetched == FILES
    assert mirror.asked == []
    assert_whole(root, mirror)


def test_the_environment_variable_names_a_local_mirror(root, mirror, monkeypatch):
    monkeypatch.setenv("BEATLIGHT_DATA", str(mirror.folder))
    assert fetch(root).fetched == FILES
    assert mirror.asked == []


def test_a_local_mirror_is_checked_like_a_server(root, mirror, tmp_path):
    local = tmp_path / "local" / "madeup"
    write_database(local)
    (local / "901.hea").unlink()
    (local / "901.dat").write_bytes((local / "902.dat").read_bytes())
    (local / "902.atr").write_bytes((local / "902.atr").read_bytes()[:-4])
    report = fetch(root, mirror=tmp_path / "local")
    assert "lacks 901.hea" in report.failures[0]
    assert "901.dat is not the file of Made-up Database 2.1.0" in report.failures[1]
    assert "bytes of 902.atr arrived" in report.failures[2]
    assert_whole(root, mirror, ["901.atr", "902.hea", "902.dat"])


def test_a_mirror_without_the_database_is_refused(root, tmp_path):
    with pytest.raises(RecordRefused, match=r"does not contain madeup\. Give the folder that does, with --from"):
        fetch(root, mirror=tmp_path / "nowhere")


def test_a_read_only_folder_is_reported_once(root, mirror):
    (root / "physionet").write_text("in the way")
    (sentence,) = fetch(root).failures
    assert "901.hea cannot be written into physionet" in sentence
    assert mirror.asked == ["901.hea"]


@pytest.fixture
def icu_files(tmp_path, mirror) -> dict[str, bytes]:
    """The files of a made-up alarm and a made-up stay by name; the mirror on loopback serves them as well."""
    write_icu_files(tmp_path / "icu")
    contents = {name: (tmp_path / "icu" / name).read_bytes() for name in ICU_FILES}
    for name, content in contents.items():
        database, folder = ICU_FOLDERS[name].split("/")
        write_file(mirror.folder / database / "2.1.0" / folder / name, content)
    return contents


@pytest.fixture
def icu_root(tmp_path, icu_files) -> Path:
    write_icu_catalogue(tmp_path / "icu samples", tmp_path / "icu")
    return tmp_path / "icu samples"


def write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def packed(files: dict[str, bytes], compression: str) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode=f"w:{compression}") as packing:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            packing.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def assert_icu_files(root: Path, files: dict[str, bytes], names=ICU_FILES) -> None:
    assert here(root) == sorted(names)
    for name in names:
        assert (root / "physionet" / name).read_bytes() == files[name]


def test_records_in_a_subfolder_are_requested_there(icu_root, icu_files):
    assert fetch(icu_root).fetched == ICU_FILES
    assert_icu_files(icu_root, icu_files)


@pytest.mark.parametrize(("kind", "names"), [("alarm", ICU_FILES[:2]), ("stay", ICU_FILES[2:]), ("ecg", ())])
def test_one_kind_of_record_can_be_downloaded_alone(icu_root, icu_files, mirror, kind, names):
    assert fetch(icu_root, kind=kind).fetched == names
    assert mirror.asked == list(names)


@pytest.mark.parametrize(
    "folders",
    [
        ("alarms/2.1.0/training", "stays/2.1.0/set-b"),
        ("alarms/training", "stays/set-b"),
        ("madeup-alarms/full", "madeup-stays/set-b"),
    ],
)
def test_a_local_mirror_may_keep_a_database_under_another_name(icu_root, icu_files, mirror, tmp_path, folders):
    for name, content in icu_files.items():
        write_file(tmp_path / "local" / folders[name == "140901.txt"] / name, content)
    assert fetch(icu_root, mirror=tmp_path / "local").fetched == ICU_FILES
    assert mirror.asked == []
    assert_icu_files(icu_root, icu_files)


def test_other_excerpts_of_a_database_in_the_mirror_are_skipped(icu_root, icu_files, tmp_path):
    for name in ICU_FILES[:2]:
        write_file(tmp_path / "local" / "alarms" / "training" / name, icu_files[name][:100])
        write_file(tmp_path / "local" / "madeup-alarms" / "full" / name, icu_files[name])
    assert fetch(icu_root, mirror=tmp_path / "local", kind="alarm").failures == ()
    assert_icu_files(icu_root, icu_files, ICU_FILES[:2])


@pytest.mark.parametrize("compression", ["xz", "gz"])
def test_a_packed_folder_of_the_mirror_is_read(icu_root, icu_files, tmp_path, compression):
    content = packed({"set-b/1.txt": b"another", "set-b/140901.txt": icu_files["140901.txt"]}, compression)
    archive = tmp_path / "local" / "madeup-stays" / f"set-b.tar.{compression}"
    write_file(archive, content)
    assert fetch(icu_root, mirror=tmp_path / "local", kind="stay").fetched == ("140901.txt",)
    assert_icu_files(icu_root, icu_files, ("140901.txt",))
    assert list((tmp_path / "local").rglob("*.txt")) == []


@pytest.mark.parametrize("compression", ["xz", "gz"])
def test_a_damaged_packed_folder_is_reported_once(icu_root, icu_files, tmp_path, compression):
    content = packed({f"set-b/{index}.txt": icu_files["140901.txt"] for index in range(50)}, compression)
    write_file(tmp_path / "local" / "madeup-stays" / f"set-b.tar.{compression}", content[: len(content) // 2])
    (sentence,) = fetch(icu_root, mirror=tmp_path / "local", kind="stay").failures
    assert f"set-b.tar.{compression} of the mirror cannot be unpacked. Get it again." in sentence
    assert here(icu_root) == []


def test_a_missing_database_is_reported_once_and_the_others_are_copied(icu_root, icu_files, tmp_path):
    write_file(tmp_path / "local" / "stays" / "set-b" / "140901.txt", icu_files["140901.txt"])
    report = fetch(icu_root, mirror=tmp_path / "local")
    assert report.fetched == ("140901.txt",)
    (sentence,) = report.failures
    assert "does not contain alarms. Complete the mirror." in sentence
