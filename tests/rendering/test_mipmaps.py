"""Levels of textures keep their image's light, are picked by the sample's footprint, and keep within their limit."""

from __future__ import annotations

import numpy as np
import pytest

from node_agent.kernels.pathtracer import scene as s
from node_agent.kernels.pathtracer.arrays import CAM_SPREAD
from node_agent.kernels.pathtracer.mipmaps import decoded, store, words_of
from node_agent.kernels.pathtracer.texture_files import TextureAsk, TextureTable
from tests.rendering.render import TRACER, film_hash, spec_of, state_of
from tests.rendering.scenes import Builder
from tests.unit.node_agent.kernels.pathtracer.usd_files import image


def random_image(height, width, channels, kind):
    values = np.random.default_rng(3).random((height, width, channels))
    whole = np.iinfo(kind).max if np.dtype(kind).kind == "u" else 1
    return (values * whole).astype(kind)


@pytest.mark.parametrize("size", [(64, 64), (37, 53), (1, 33), (70, 2)])
@pytest.mark.parametrize(
    ("kind", "channels", "bytes_a_texel"),
    [
        (np.uint8, 1, 1),
        (np.uint8, 3, 4),
        (np.uint16, 3, 8),
        (np.float16, 1, 8),
        (np.float32, 4, 16),
    ],
)
@pytest.mark.parametrize("curve", [s.CURVE_PLAIN, s.CURVE_SRGB])
def test_every_level_has_the_light_of_the_image(size, kind, channels, bytes_a_texel, curve):
    pixels = random_image(*size, channels, kind)
    kept = store(pixels, curve)
    assert kept.sizes[-1] == (1, 1)
    whole = kept.linear().mean(axis=(0, 1))
    # A level's texels are rounded once; in the dark and for bytes that is half a step of 1 / 255.
    for words, (width, height) in zip(kept.words, kept.sizes, strict=True):
        level = decoded(kept.format, curve, words, (width, height))
        assert level.shape == (height, width, 4)
        np.testing.assert_allclose(level.mean(axis=(0, 1)), whole, atol=0.005)
        assert len(words) == words_of(kept.format, width, height)
    if size == (64, 64):
        assert kept.nbytes < 1.34 * 64 * 64 * bytes_a_texel + 64


def test_what_alpha_hides_lends_no_colour():
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[0, 0] = 200, 100, 50, 255
    hidden, shown = store(pixels, weighted=True), store(pixels)
    np.testing.assert_allclose(hidden.linear(1)[0, 0] * 255, [200, 100, 50, 64], atol=0.6)
    np.testing.assert_allclose(shown.linear(1)[0, 0] * 255, [50, 25, 12, 64], atol=0.6)


def checkered_floor(squares=64, repeats=300):
    """A floor that goes far away under an even dome; its squares are far smaller than pixels there."""
    b = Builder()
    checks = np.indices((squares, squares)).sum(axis=0) % 2
    paper = b.texture((checks[..., None] * 255).astype(np.uint8))
    corners = [[-200, 0, 0], [200, 0, 0], [200, 0, -400], [-200, 0, -400]]
    uvs = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) * repeats
    b.mesh(corners, [[0, 1, 2], [0, 2, 3]], b.matt(tex_base=paper), uvs=uvs)
    b.dome(1.0)
    b.look((0, 2, 0), (0, 1.9, -1), 0.5)
    return b.pack()


def rendered(packed, spread=1.0, **more):
    state = state_of(packed, spec_of(32, max_depth=2, **more))
    state.scene.tables.floats[CAM_SPREAD] *= spread
    TRACER.advance(state, 0, 1)
    return TRACER.finish(state)["albedo"][..., 0].astype(np.float64)


def test_a_checker_at_a_grazing_angle_becomes_its_mean():
    """Rows near the horizon, which is in row 12: hundreds of squares a pixel."""
    packed = checkered_floor()
    far = slice(15, 19)
    few, raw = rendered(packed, samples=4)[far], rendered(packed, spread=0.0, samples=4)[far]
    many = rendered(packed, samples=256)[far]
    np.testing.assert_allclose(many.mean(axis=1), 0.5, atol=0.02)
    np.testing.assert_allclose(many, 0.5, atol=0.15)
    # Without levels each sample is black or white: four of them are far off the mean.
    assert few.std() < 0.2 * raw.std()


def test_levels_depend_on_the_sample_alone():
    packed = checkered_floor(repeats=20)
    whole = state_of(packed, spec_of(24, samples=6, samples_per_pass=6), threads=1)
    TRACER.advance(whole, 0, 1)
    total = state_of(packed, spec_of(24, samples=6, samples_per_pass=6))
    for first, count in ((4, 2), (0, 4)):
        spec = spec_of(24, samples=count, samples_per_pass=6, first_sample=first)
        part = state_of(packed, spec, threads=2)
        TRACER.advance(part, 0, 1)
        TRACER.merge(total, part)
    assert film_hash(total) == film_hash(whole)


def test_a_limit_takes_the_finest_level_of_the_largest_first(tmp_path):
    image(tmp_path / "large.png", random_image(128, 128, 3, np.uint8))
    image(tmp_path / "small.png", random_image(32, 32, 3, np.uint8))
    said = []
    table = TextureTable(said.append, 32 * 1024)
    rows = [table.row(TextureAsk(str(tmp_path / name))) for name in ("large.png", "small.png")]
    arrays = table.arrays()
    assert 20 * 1024 < arrays["texels"].nbytes <= 32 * 1024
    (sentence,) = said
    assert sentence.startswith("The texture large.png is kept at 64 x 64 of its 128 x 128 pixels:")
    finest = [arrays["levels"][arrays["textures"][row, s.TEX_LEVEL], 1:].tolist() for row in rows]
    assert finest == [[64, 64], [32, 32]]


def test_a_grid_of_images_lies_side_by_side(tmp_path):
    for number, tone in ((1001, 60), (1002, 120), (1012, 240)):
        image(tmp_path / f"skin.{number}.png", np.full((2, 2, 1), tone, np.uint8))
    (tmp_path / "skin.10x3.png").write_text("no tile")
    table = TextureTable(print)
    row = table.row(TextureAsk(str(tmp_path / "skin.<UDIM>.png")))
    assert row is not None
    b = Builder()
    b.images = table._pool  # pyright: ignore[reportAttributeAccessIssue]
    paint = b.matt(tex_base=row)
    uvs = np.array([[0, 0], [2, 0], [2, 2], [0, 2]])
    b.mesh([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], [[0, 1, 2], [0, 2, 3]], paint, uvs=uvs)
    b.dome(1.0)
    b.look((0, 0, 2), (0, 0, 0), 0.5)
    albedo = rendered(b.pack(), samples=4)[::-1]
    found = [albedo[j : j + 12, i : i + 12].mean() for j in (2, 18) for i in (2, 18)]
    np.testing.assert_allclose(found, np.array([60, 120, 0, 240]) / 255, atol=1e-3)


def test_a_grid_without_tiles_is_told(tmp_path):
    said = []
    assert TextureTable(said.append).row(TextureAsk(str(tmp_path / "a.<UDIM>.png"))) is None
    assert said == ["The texture a.<UDIM>.png has no tile that is there."]
