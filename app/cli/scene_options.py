"""The options by which `submit` and `render` say what of a scene is rendered, and how."""

from __future__ import annotations

import argparse

from app.cli.text import image_size, kernel_option, whole_number


def add_scene_options(parser: argparse.ArgumentParser) -> None:
    """Add --frames, --spp, --size, --camera, --option and --out."""
    parser.add_argument(
        "--frames", metavar="RANGE", help="1001-1100, 1001-1100x2, 1,5,10-12 (default: the scene's)"
    )
    parser.add_argument(
        "--spp", type=whole_number, metavar="N", help="samples per pixel (default: 64)"
    )
    parser.add_argument(
        "--size", type=image_size, metavar="WxH", help="pixels (default: the scene's, else 960x540)"
    )
    parser.add_argument(
        "--camera", metavar="PATH", help="path of the camera in the scene (default: its first)"
    )
    parser.add_argument(
        "--option",
        type=kernel_option,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="of the renderer, such as max_depth=12 or denoise=1; once for each",
    )
    parser.add_argument("--out", metavar="DIR", help="folder for the frames")
