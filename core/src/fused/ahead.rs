//! Images that are drawn, distorted, some batches ahead of the steps that they are for.

use std::ops::Range;

use crate::data::{Dataset, Distorter, Drawn};

/// About how many images a thread draws at once: few enough to stay in a cache, and enough for it to be worth a word to the
/// other thread.
const IMAGES_AT_ONCE: usize = 1_000;

/// An example that is trained on as it was drawn.
pub(crate) trait DrawnExample: Sync {
    /// How many images it has.
    const IMAGES: usize;

    /// Calls `each` with every image of it.
    fn each_image(&self, each: impl FnMut(Drawn));
}

impl DrawnExample for Drawn {
    const IMAGES: usize = 1;

    fn each_image(&self, mut each: impl FnMut(Drawn)) {
        each(*self);
    }
}

/// The images of the next batches: a block for each thread, which draws it.
pub(super) struct Ahead<'a, const D: usize> {
    images: &'a Dataset<D>,
    distorter: &'a Distorter,
    blocks: Vec<Block<D>>,
    /// How many examples a block has; the last one may have fewer.
    share: usize,
    /// The number of the next example, counted from the first one of all blocks.
    next: usize,
}

/// The images of some batches.
pub(super) struct Block<const D: usize> {
    /// Which examples of those to come they belong to.
    examples: Range<usize>,
    drawn: Vec<Drawn>,
    images: Dataset<D>,
}

impl<'a, const D: usize> Ahead<'a, D> {
    /// Makes room for `threads` blocks of images of a dataset.
    pub(super) fn new(images: &'a Dataset<D>, distorter: &'a Distorter, threads: usize) -> Self {
        let block = || Block {
            examples: 0..0,
            drawn: Vec::new(),
            images: Dataset::from_pixels(Vec::new(), Vec::new(), images.classes()),
        };
        Self { images, distorter, blocks: (0..threads).map(|_| block()).collect(), share: 0, next: 0 }
    }

    /// Returns for how many batches of this size all threads draw images at once.
    pub(super) fn batches<E: DrawnExample>(&self, batch_size: usize) -> usize {
        (IMAGES_AT_ONCE / batch_size.saturating_mul(E::IMAGES)).max(1) * self.blocks.len()
    }

    /// Draws the images of the examples that come next, in batches of this size; `share` has the threads do it.
    pub(super) fn prepare<E: DrawnExample>(
        &mut self,
        upcoming: &[E],
        batch_size: usize,
        share: impl FnOnce(&mut [Block<D>], &(dyn Fn(&mut Block<D>) + Sync)),
    ) {
        let Self { images, distorter, blocks, .. } = self;
        self.next = 0;
        self.share = upcoming.len().div_ceil(batch_size).div_ceil(blocks.len()).saturating_mul(batch_size);
        for (number, block) in blocks.iter_mut().enumerate() {
            let ends = [number, number + 1].map(|it| it.saturating_mul(self.share).min(upcoming.len()));
            block.examples = ends[0]..ends[1];
        }
        share(blocks, &|Block { examples, drawn, images: to }| {
            drawn.clear();
            upcoming[examples.clone()].iter().for_each(|it| it.each_image(|image| drawn.push(image)));
            distorter.redraw(images, drawn, to);
        });
    }

    /// Returns the images of the next batch, of so many examples, and which of the block's examples these are.
    pub(super) fn take(&mut self, examples: usize) -> (&Dataset<D>, Range<usize>) {
        let (block, first) = (self.next / self.share, self.next % self.share);
        self.next += examples;
        (&self.blocks[block].images, first..first + examples)
    }

    /// Returns the same for the batch that was taken last.
    pub(super) fn taken(&mut self, examples: usize) -> (&Dataset<D>, Range<usize>) {
        self.next -= examples;
        self.take(examples)
    }
}
