//! Loading, tested against files and servers of every kind of bad.
//!
//! The files have MNIST's form and size, but contents that compress well; their checksums stand in for MNIST's.

mod downloads;
mod fixtures;
mod folders;
mod order;
mod real_mnist;
