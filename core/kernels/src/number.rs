//! What a matrix can consist of.

/// Numbers that a matrix can consist of: floats, or pixels, which stand for a 255th each.
pub trait Number: Copy + Default + PartialEq {
    /// Returns the float that it stands for.
    fn float(self) -> f32;
}

impl Number for f32 {
    #[inline(always)]
    fn float(self) -> f32 {
        self
    }
}

impl Number for u8 {
    #[inline(always)]
    fn float(self) -> f32 {
        SCALED[usize::from(self)]
    }
}

/// The float that each pixel is scaled to.
const SCALED: [f32; 256] = {
    let mut scaled = [0.0; 256];
    let mut pixel = 0;
    while pixel < 256 {
        scaled[pixel] = pixel as f32 / 255.0;
        pixel += 1;
    }
    scaled
};
