"""What people look at, made from finished frames: ``python -m node_agent.worker.media COMMAND ...``.

    contact-sheet --out sheet.png LABEL=frame.exr ...   one picture of many shots ('LABEL|NOTE=': two lines)
    movie --fps 24 --out shot.mp4 frame.exr ...         H.264, in the order given
    thumbnail --out small.png --max 320 frame.exr       one small picture
    decode frame.exr --plane depth --max 1920           a .npy array on stdout: uint8 (h, w, 3)

The window, the demo and the command line start it as a child, because a decoder that crashes on a broken
file must not take them along. Ends with 2 and one sentence on stderr where a file is to blame, and with 3
where something is not installed.
"""

# OpenImageIO and PyAV leave arrays untyped.
# pyright: basic

from __future__ import annotations

import argparse
import io
import math
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from node_agent.worker.frame_planes import (
    BEAUTY,
    BadImage,
    Picture,
    fitted,
    read_plane,
    show,
    write_picture,
)
from node_agent.worker.lettering import draw, shortened

BAD_FILE, NOT_INSTALLED = 2, 3
BACKGROUND, CELL = (17, 19, 23), (27, 30, 36)
INK, FAINT = (232, 234, 238), (140, 147, 158)
ACCENT = (255, 138, 61)
MARGIN, GAP = 28, 18
CELLS_MAX = 400
SIDE_MAX = 16384
MEMORY_BYTES_MAX = 16 << 30


class NotInstalled(Exception):
    """What is missing and how to get it, in one sentence."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One shot of a contact sheet."""

    label: str
    note: str
    picture: Picture


def contact_sheet(
    cells: Sequence[Cell], title: str, columns: int, cell_width: int, font: str
) -> Picture:
    """A dark page with the shots in rows, in the order given, each with its name below."""
    columns = min(columns or max(math.ceil(math.sqrt(len(cells))), 1), len(cells))
    rows = -(-len(cells) // columns)
    shape = max(cell.picture.shape[0] / cell.picture.shape[1] for cell in cells)
    image_height = max(round(cell_width * min(shape, 1.5)), 1)
    label = max(cell_width // 24, 11)
    foot = round(label * (3.6 if any(cell.note for cell in cells) else 2.2))
    head = round(label * 2.6) if title else 0
    step_x, step_y = cell_width + GAP, image_height + foot + GAP
    size = (
        2 * MARGIN + head + rows * step_y - GAP,
        2 * MARGIN + columns * step_x - GAP,
    )
    page = np.empty((*size, 3), np.uint8)
    page[...] = BACKGROUND
    if title:
        bar = round(label * 1.3)
        page[MARGIN : MARGIN + bar, MARGIN : MARGIN + 5] = ACCENT
        draw(page, MARGIN + 16, MARGIN + bar - 2, title, round(label * 1.35), INK, font)
    for number, cell in enumerate(cells):
        row, column = divmod(number, columns)
        x, y = MARGIN + column * step_x, MARGIN + head + row * step_y
        page[y : y + image_height + foot, x : x + cell_width] = CELL
        _put(page, cell.picture, x, y, cell_width, image_height)
        _name(page, cell, x, y + image_height, cell_width, label, font)
    return page


def _put(page: Picture, picture: Picture, x: int, y: int, width: int, height: int) -> None:
    """The picture in the middle of its place, as large as fits."""
    small = fitted(picture, width, height)
    top, left = y + (height - small.shape[0]) // 2, x + (width - small.shape[1]) // 2
    page[top : top + small.shape[0], left : left + small.shape[1]] = small


def _name(page: Picture, cell: Cell, x: int, y: int, width: int, size: int, font: str) -> None:
    inset = size // 2 + 2
    room = width - 2 * inset
    text = shortened(cell.label, size, font, room)
    draw(page, x + inset, y + round(size * 1.5), text, size, INK, font)
    note_size = max(round(size * 0.8), 9)
    text = shortened(cell.note, note_size, font, room)
    if text:
        draw(page, x + inset, y + round(size * 2.8), text, note_size, FAINT, font)


def write_movie(
    out: Path,
    frames: Sequence[Path],
    fps: Fraction,
    exposure: float,
    tell: Callable[[int], None] | None = None,
) -> None:
    """H.264 in MP4 that any player and browser opens; the index comes first, so that it starts at once.

    An odd last row or column is cut: 4:2:0 halves both. ``tell`` gets the number of frames that are in. Raises
    BadImage, NotInstalled."""
    try:
        import av
    except ImportError as error:
        raise NotInstalled("Movies need the package av: pip install 'windfire[video]'.") from error
    first = _even(read_picture(frames[0], exposure=exposure))
    temporary = out.with_name(f".{out.name}.tmp")
    options = {"movflags": "+faststart"}
    try:
        with av.open(str(temporary), "w", format="mp4", options=options) as container:
            stream = container.add_stream(
                "libx264", rate=fps, options={"crf": "17", "preset": "medium"}
            )
            stream.height, stream.width = first.shape[:2]
            stream.pix_fmt = "yuv420p"
            stream.codec_context.color_range = 1
            for tag in ("colorspace", "color_primaries", "color_trc"):
                setattr(stream.codec_context, tag, 1)  # Rec.709
            for number, path in enumerate(frames):
                picture = first if number == 0 else _even(read_picture(path, exposure=exposure))
                if picture.shape != first.shape:
                    raise BadImage(f"{path} has another size than {frames[0].name}.")
                image = av.VideoFrame.from_ndarray(picture, format="rgb24")
                image = image.reformat(format="yuv420p", dst_colorspace=1)
                container.mux(stream.encode(image))
                if tell is not None:
                    tell(number + 1)
            container.mux(stream.encode(None))
        temporary.replace(out)
    except (OSError, ValueError) as error:
        raise BadImage(f"{out} cannot be written: {error}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def _even(picture: Picture) -> Picture:
    height, width = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
    if not height or not width:
        raise BadImage("A movie needs frames of at least 2 x 2 pixels.")
    return np.ascontiguousarray(picture[:height, :width])


def read_picture(
    path: Path, plane: str = BEAUTY, exposure: float = 0.0, side_max: int = SIDE_MAX
) -> Picture:
    """What a screen shows of a frame's plane, no side longer than ``side_max``. Raises BadImage."""
    return fitted(show(read_plane(path, plane), exposure), side_max, side_max)


def _run_contact_sheet(given: argparse.Namespace) -> None:
    if len(given.shots) > CELLS_MAX:
        raise BadImage(f"A sheet takes {CELLS_MAX} shots; {len(given.shots)} were named.")
    cells = []
    for entry in given.shots:
        name, mark, file = entry.partition("=")
        if not mark:
            raise BadImage(f"Name each shot as LABEL=FILE, not {entry!r}.")
        label, _, note = name.partition("|")
        picture = read_picture(Path(file), given.plane, given.exposure, 2 * given.cell)
        cells.append(Cell(label, note, picture))
    page = contact_sheet(cells, given.title, given.columns, given.cell, given.font)
    write_picture(given.out, page)


def _run_movie(given: argparse.Namespace) -> None:
    tell = _tell_progress if given.progress else None
    write_movie(given.out, given.frames, given.fps, given.exposure, tell)


def _tell_progress(done: int) -> None:
    sys.stdout.write(f"{done}\n")
    sys.stdout.flush()


def _run_thumbnail(given: argparse.Namespace) -> None:
    write_picture(given.out, read_picture(given.frame, given.plane, given.exposure, given.max))


def _run_decode(given: argparse.Namespace) -> None:
    plane = read_plane(given.frame, given.plane)
    array = plane.values
    if not given.linear:
        array = fitted(show(plane, given.exposure), given.max, given.max)
    whole = io.BytesIO()  # NumPy asks a file where it is, and a pipe cannot tell
    np.save(whole, array, allow_pickle=False)
    sys.stdout.buffer.write(whole.getbuffer())
    sys.stdout.buffer.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    given = _parser().parse_args(arguments)
    try:
        given.run(given)
    except BadImage as error:
        return _say(error, BAD_FILE)
    except MemoryError:
        return _say("The picture needs more memory than it may take.", BAD_FILE)
    except OSError as error:
        return _say(f"{error.strerror or error}: {error.filename or given.command}.", BAD_FILE)
    except NotInstalled as error:
        return _say(error, NOT_INSTALLED)
    return 0


def _say(sentence: object, status: int) -> int:
    sys.stderr.write(f"{sentence}\n")
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m node_agent.worker.media", description="Pictures and movies of frames."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    sheet = _command(commands, "contact-sheet", _run_contact_sheet)
    sheet.add_argument("--out", type=Path, required=True)
    sheet.add_argument("--title", default="", help="a line above the shots")
    sheet.add_argument("--columns", type=int, default=0, help="0 takes about as many as rows")
    sheet.add_argument("--cell", type=_side, default=480, help="width of a shot in pixels")
    sheet.add_argument("--font", default="", help="a font's name or file")
    sheet.add_argument("shots", nargs="+", metavar="LABEL=FILE")
    movie = _command(commands, "movie", _run_movie, has_plane=False)
    movie.add_argument("--fps", type=_rate, default=Fraction(24))
    movie.add_argument("--out", type=Path, required=True)
    movie.add_argument("--progress", action="store_true", help="a number a line on stdout")
    movie.add_argument("frames", nargs="+", type=Path)
    thumbnail = _command(commands, "thumbnail", _run_thumbnail)
    thumbnail.add_argument("--out", type=Path, required=True)
    thumbnail.add_argument("--max", type=_side, default=320, help="longest side in pixels")
    thumbnail.add_argument("frame", type=Path)
    decode = _command(commands, "decode", _run_decode)
    decode.add_argument("--max", type=_side, default=1920, help="longest side in pixels")
    decode.add_argument("--linear", action="store_true", help="the values themselves, float32")
    decode.add_argument("frame", type=Path)
    return parser


def _command(
    commands: argparse._SubParsersAction, name: str, run: object, *, has_plane: bool = True
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name)
    parser.set_defaults(run=run)
    parser.add_argument("--exposure", type=_stops, default=0.0, help="stops")
    if has_plane:
        parser.add_argument("--plane", default=BEAUTY, help="beauty, albedo, normal, depth, ...")
    return parser


def _side(text: str) -> int:
    value = int(text)
    if not 1 <= value <= SIDE_MAX:
        raise argparse.ArgumentTypeError(f"{value} is not from 1 to {SIDE_MAX}")
    return value


def _stops(text: str) -> float:
    value = float(text)
    if not -30 <= value <= 30:
        raise argparse.ArgumentTypeError(f"{text} is not from -30 to 30 stops")
    return value


def _rate(text: str) -> Fraction:
    value = Fraction(text)
    if not 1 <= value <= 240:
        raise argparse.ArgumentTypeError(f"{text} is not from 1 to 240 frames per second")
    return value


def limit_memory() -> None:
    """A forged header must not make the machine swap; not every system can say so."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))


if __name__ == "__main__":
    limit_memory()
    # Asked to end, it leaves no half file: the clean-up of whoever writes runs.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(main())
