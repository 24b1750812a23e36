//! Fits whose loss is no longer finite.

/// A fit that did not come to an end because its loss was no longer finite.
#[derive(Debug, thiserror::Error)]
#[error("{label}: diverged at epoch {epoch}: the loss is no longer finite; {remedy}")]
pub(super) struct Diverged {
    pub label: String,
    pub epoch: usize,
    pub remedy: &'static str,
}

/// Leaves out what diverged, and tells of it; if nothing is left, or something failed otherwise, that is the error.
pub(super) fn unless_diverged<T>(
    made: Vec<anyhow::Result<T>>,
    tell: impl Fn(&anyhow::Error),
) -> anyhow::Result<Vec<T>> {
    let (good, bad): (Vec<_>, Vec<_>) = made.into_iter().partition(Result::is_ok);
    let mut errors: Vec<anyhow::Error> = bad.into_iter().filter_map(Result::err).collect();
    let other = errors.iter().position(|error| !error.is::<Diverged>());
    let nothing_left = good.is_empty() && !errors.is_empty();
    match other.or(nothing_left.then_some(0)) {
        Some(index) => Err(errors.swap_remove(index)),
        None => {
            errors.iter().for_each(tell);
            good.into_iter().collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_fit_that_diverged_spoils_no_other() {
        let diverged = |label: &str| Err(Diverged { label: label.to_owned(), epoch: 1, remedy: "" }.into());
        let told = RefCell::new(Vec::new());
        let left = |made| {
            let left = unless_diverged(made, |error| told.borrow_mut().push(error.to_string()));
            left.map_err(|error| error.to_string())
        };
        assert_eq!(left(vec![Ok(1), Ok(2)]), Ok(vec![1, 2]));
        assert_eq!(left(vec![diverged("a"), Ok(2)]), Ok(vec![2]));
        assert!(matches!(told.borrow().as_slice(), [one] if one.starts_with("a: diverged at epoch 1")), "{told:?}");
        assert!(left(vec![diverged("a"), diverged("b")]).unwrap_err().starts_with("a: diverged"));
        for other in [diverged("a"), Ok(1)] {
            assert_eq!(left(vec![other, Err(anyhow!("a full disk"))]), Err("a full disk".to_owned()));
        }
        assert_eq!(left(vec![]), Ok(vec![]));
    }
}
