//! Real digits, where the environment variable `MNIST_DIR` names a folder of them, are in MNIST's form already.

use ch11_core::data::{self, Choice, PIXELS, Request, Silent};
use ch11_harness::picture::Ink;

#[test]
fn mnists_own_digits_stay_where_they_are() {
    let Some(folder) = std::env::var_os("MNIST_DIR") else {
        eprintln!("skipped: MNIST_DIR is not set");
        return;
    };
    let request = Request { choice: Choice::Mnist, folder: Some(folder.into()), offline: true, ..Request::default() };
    let test = data::load(&request, &Silent).unwrap().test;
    let mut pixels = Vec::new();
    test.gather(&(0..test.len()).collect::<Vec<_>>(), &mut pixels);
    let unmoved = pixels.chunks_exact(PIXELS).filter(|digit| {
        let bytes: Vec<u8> = digit.iter().map(|pixel| (pixel * 255.0).round() as u8).collect();
        let most = f64::from(*bytes.iter().max().unwrap());
        let normalised = Ink::new(28, bytes.clone()).normalised().unwrap();
        // Faint ink counts as none, and the darkest pixel becomes 255.
        let expected =
            bytes.iter().map(|&byte| if byte < 26 { 0 } else { (f64::from(byte) * 255.0 / most).round() as u8 });
        expected.eq(normalised)
    });
    // In the others, the centre of mass moves to the next pixel once faint ink is left out.
    let (unmoved, all) = (unmoved.count(), test.len());
    assert!(unmoved >= all * 98 / 100, "{unmoved} of {all}");
}
