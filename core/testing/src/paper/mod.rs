//! Pictures of digits on paper, as people take them.

mod pen;
mod sheet;

use image::RgbaImage;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use sheet::Sheet;

/// How the paper of a digit looks, or its pen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// As nobody's paper does.
    Clean,
    /// Corners, rounded by up to a quarter of the side, that are transparent.
    TransparentCorners,
    /// Turned by up to 8 degrees, and transparent where no paper is.
    TurnedOnNothing,
    /// Turned by up to 8 degrees, on white.
    TurnedOnWhite,
    /// Noise of 8 grey levels.
    Noise,
    /// A shade of 60 levels from one side to the other.
    Shade,
    /// A grey paper that falls from 225 to 170, under noise of 4.
    DarkShade,
    /// Light that falls off by a third from the middle to the corners.
    Vignette,
    /// A frame.
    Frame,
    /// Ruled.
    Ruled,
    /// Squared.
    Squared,
    /// Specks, dark and light.
    Specks,
    /// A pen of half the width.
    ThinPen,
    /// A pen of 0.5 to 2 times the width.
    AnyPen,
}

impl Paper {
    /// All of them, the clean one first.
    pub const ALL: [Self; 14] = [
        Self::Clean,
        Self::TransparentCorners,
        Self::TurnedOnNothing,
        Self::TurnedOnWhite,
        Self::Noise,
        Self::Shade,
        Self::DarkShade,
        Self::Vignette,
        Self::Frame,
        Self::Ruled,
        Self::Squared,
        Self::Specks,
        Self::ThinPen,
        Self::AnyPen,
    ];

    /// Makes a picture of a digit: 28 x 28 pixels from 0, for paper, to 1. It is 96 to 269 pixels wide, and the digit anywhere.
    pub fn picture(self, digit: &[f32], random: &mut ChaCha8Rng) -> RgbaImage {
        let widening = match self {
            Self::ThinPen => 0.5,
            Self::AnyPen => 2_f32.powf(random.gen_range(-1.0..=1.0)),
            _ => 1.0,
        };
        let strokes = pen::strokes(digit, random.gen_range(3..=6), widening);
        let side = (strokes.side as f32 * random.gen_range(1.15..1.6)) as usize;
        let room = side - strokes.side;
        let (left, top) = (random.gen_range(0..=room), random.gen_range(0..=room));
        let (paper, contrast) = (random.gen_range(215.0..245.0), random.gen_range(90.0..190.0));

        let mut sheet = Sheet::new(side, if self == Self::DarkShade { 225.0 } else { paper });
        self.print(&mut sheet, contrast, random);
        sheet.ink(&strokes, left, top, paper - contrast);
        self.light(&mut sheet, random);
        self.place(&mut sheet, random);
        sheet.into_image()
    }

    /// Prints what is on the paper before anybody writes on it.
    fn print(self, sheet: &mut Sheet, contrast: f32, random: &mut ChaCha8Rng) {
        let side = sheet.side as f32;
        let width = (side / 200.0).round().max(1.0) * random.gen_range(1.0..2.0);
        match self {
            Self::Frame => {
                let inset = side * random.gen_range(0.0..0.04);
                sheet.rule(contrast, width, |x, y| x.min(y).min(side - 1.0 - x).min(side - 1.0 - y) - inset);
            }
            Self::Ruled | Self::Squared => {
                let (step, start) = (side * random.gen_range(0.08..0.2), side * random.gen_range(0.0..0.2));
                let depth = contrast * random.gen_range(0.2..0.6);
                let off = |at: f32| (at - start).rem_euclid(step);
                sheet.rule(depth, width, |_, y| off(y));
                if self == Self::Squared {
                    sheet.rule(depth, width, |x, _| off(x));
                }
            }
            Self::Specks => {
                for _ in 0..30 {
                    let (x, y) = (random.gen_range(0.0..side), random.gen_range(0.0..side));
                    sheet.speck(x, y, side * random.gen_range(0.003..0.01), random.gen_range(-20.0..contrast));
                }
            }
            _ => {}
        }
    }

    /// Lets light fall on it.
    fn light(self, sheet: &mut Sheet, random: &mut ChaCha8Rng) {
        let side = sheet.side as f32;
        let (down, right) = random.gen_range(0.0..std::f32::consts::TAU).sin_cos();
        // From 0 to 1 across the paper.
        let across = |x: f32, y: f32| {
            let reach = (down.abs() + right.abs()) / 2.0;
            0.5 + (right * (x / side - 0.5) + down * (y / side - 0.5)) / (2.0 * reach)
        };
        match self {
            Self::Noise => sheet.shake(8.0, random),
            Self::Shade => sheet.darken(|x, y| 60.0 * across(x, y)),
            Self::DarkShade => {
                sheet.darken(|x, y| 55.0 * across(x, y));
                sheet.shake(4.0, random);
            }
            Self::Vignette => sheet.dim(|x, y| {
                let from_middle = (x / side - 0.5).hypot(y / side - 0.5) * std::f32::consts::SQRT_2;
                1.0 - from_middle.powi(2) / 3.0
            }),
            _ => {}
        }
    }

    /// Puts it under the camera.
    fn place(self, sheet: &mut Sheet, random: &mut ChaCha8Rng) {
        let angle = random.gen_range(-8.0_f32..=8.0).to_radians();
        match self {
            Self::TransparentCorners => sheet.round_corners(random.gen_range(0.1..0.25)),
            Self::TurnedOnNothing => sheet.turn(angle, None),
            Self::TurnedOnWhite => sheet.turn(angle, Some(255.0)),
            _ => {}
        }
    }
}
