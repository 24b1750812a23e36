//! Loading, tested against files and servers of every kind of bad.
//!
//! The files have MNIST's form and size, but contents that compress well; their checksums stand in for MNIST's.

mod bomb;
mod damage;
mod downloads;
mod drawing;
mod fixtures;
mod folders;
mod mirror;
mod order;
mod real_mnist;
mod secure;
