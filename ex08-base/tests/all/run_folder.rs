//! Run folders that cannot be written, disks that are full, and folders of any name.

use std::fs;
use std::path::Path;
use std::process::Command;

#[cfg(unix)]
use crate::common::bound_by_permissions;
use crate::common::{FILES, FOLDER, Place, Running, assert_fails};

#[test]
fn a_file_in_the_place_of_a_run_folder_is_an_error() {
    let place = Place::new();
    let says = |path: &str| format!("{path}: found a file, expected a folder, or nothing yet; move it away");
    let search = ["c", "--data", "synthetic", "--quick", "--candidates", "2", "--folds", "2"];
    fs::write(place.path("file"), "mine").unwrap();
    for out in ["file", "file/below"] {
        assert_fails(place.train(["--out", out]), &[&says("error: file"), "another run folder with --out"]);
        assert_fails(place.run(search.iter().chain(&["--out", out])), &[&says("error: file")]);
    }
    assert_eq!(fs::read(place.path("file")).unwrap(), b"mine");

    place.train(["--epochs", "1"]).success();
    let before = place.contents(FOLDER);
    for (taken, command) in [("b/seed-43", Place::synthetic(["--seeds", "2"])), ("c", search.map(Into::into).to_vec())]
    {
        fs::write(place.path(FOLDER).join(taken), "mine").unwrap();
        assert_fails(place.run(command), &[&says(&format!("{FOLDER}/{taken}")), "another run folder with --out"]);
        assert_eq!(fs::read(place.path(FOLDER).join(taken)).unwrap(), b"mine");
        fs::remove_file(place.path(FOLDER).join(taken)).unwrap();
        place.contents(FOLDER).assert_same(&before, "moved all the same");
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_an_error_wherever_it_is() {
    use std::os::unix::fs::symlink;

    let place = Place::new();
    let fails = |more: &[&str], path: &str| {
        let says = format!("{path}: found a link that leads nowhere, expected a f");
        assert_fails(place.train(more), &[&says, "or nothing yet", "away, or name another run folder with --out"]);
    };
    symlink("nowhere", place.path("out")).unwrap();
    fails(&["--out", "out"], "out");
    place.train(["--epochs", "1"]).success();
    let in_the_way = ["report.html", "report.lock", "b/seed-42.lock"];
    for name in in_the_way {
        let path = place.path(FOLDER).join(name);
        fs::remove_file(&path).unwrap();
        symlink("no-such-folder/file", &path).unwrap();
        fails(&["--epochs", "2", "--resume"], &format!("{FOLDER}/{name}"));
        fs::remove_file(&path).unwrap();
    }
    place.train(["--epochs", "3", "--resume"]).success();
}

#[test]
fn a_folder_in_the_place_of_a_lock_or_of_the_report_is_an_error() {
    let place = Place::new();
    place.train(["--epochs", "1"]).success();
    for name in ["b/seed-42.lock", "report.lock", "report.html"] {
        let path = place.path(FOLDER).join(name);
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let says = format!("{FOLDER}/{name}: found a folder, expected a file, or nothing yet");
        let assert = place.train(["--epochs", "2", "--resume"]);
        assert_fails(assert, &[&says, "away, or name another run folder with --out"]);
        fs::remove_dir(&path).unwrap();
    }
    place.train(["--epochs", "3", "--resume"]).success();
}

#[test]
fn a_folder_is_held_by_one_run_until_it_ends_however_it_does() {
    let place = Place::new();
    let long = ["--epochs", "100000", "--patience", "100000"];
    let search = ["c", "--data", "synthetic", "--quick", "--folds", "2"];
    let says = ["another process trains here", "--out"];

    let mut run = Running::start(place.command(Place::synthetic(long)));
    assert!(run.wait_for_epochs(1), "{:?}", run.lines);
    for more in [&[][..], &["--resume"]] {
        assert_fails(place.train(more), &[&["runs/ex08/b/seed-42: "], &says[..]].concat());
    }
    let mut searching = Running::start(place.command(search.iter().chain(&["--candidates", "100", "--threads", "1"])));
    assert!(searching.wait_for_line("8c: fit 1 "), "{:?}", searching.lines);
    assert_fails(place.run(search), &[&["runs/ex08/c: "], &says[..]].concat());

    for mut dead in [run, searching] {
        dead.child.kill().unwrap();
        dead.end();
    }
    // The files of the locks are still there.
    assert!(place.path("runs/ex08/b/seed-42.lock").exists() && place.path("runs/ex08/c.lock").exists());
    place.train(["--epochs", "1"]).success();
    place.run(search.iter().chain(&["--candidates", "1", "--epochs", "1"])).success();
}

#[test]
fn a_report_that_cannot_be_written_takes_nothing_with_it() {
    let place = Place::new();
    place.train(["--epochs", "1"]).success();
    let before = place.report(FOLDER).html;
    let in_the_way = place.path(FOLDER).join("curves.jsonl");
    fs::remove_file(&in_the_way).unwrap();
    fs::create_dir(&in_the_way).unwrap();
    let assert = place.train(["--epochs", "2", "--resume", "--json"]);
    let document: serde_json::Value = serde_json::from_slice(&assert.get_output().stdout).unwrap();
    assert_eq!(document["parts"]["b"]["epochs"], 2);
    assert_fails(assert, &["cannot save the report", "curves.jsonl: found a folder", "--out"]);
    assert_eq!(fs::read_to_string(place.path(FOLDER).join("report.html")).unwrap(), before);

    fs::remove_dir(in_the_way).unwrap();
    place.train(["--epochs", "2", "--resume"]).success();
    assert_eq!(place.report(FOLDER).epochs.len(), 2);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_an_error() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let folder = place.path("read-only");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o555)).unwrap();
    let command = place.command(Place::synthetic(["--out", "read-only"]));
    let Some(command) = bound_by_permissions(&place, command) else { return };
    let assert = assert_cmd::Command::from_std(command).assert();
    assert_fails(assert, &["read-only", "cannot create", "--out"]);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn run_folders_may_have_any_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let place = Place::new();
    for name in [OsStr::new("with a space"), OsStr::from_bytes(b"not utf-8 \xff")] {
        let flags = ["--epochs", "1", "--out"].map(OsStr::new);
        let train = |more: &[&str]| {
            let more = more.iter().map(OsStr::new);
            place.train(flags.into_iter().chain([name]).chain(more)).success();
        };
        train(&[]);
        train(&["--resume"]);
        let run = Path::new(name).join("b/seed-42");
        assert_eq!(place.all_contents(&run).names(), FILES);
        train(&[]);
        assert!(place.path(Path::new(name).join("b/seed-42.previous-1")).exists());
    }
}

/// Goes on with a run of 2 epochs when there is room for the best weights but not for the whole state: `no_room` makes such
/// a command line, `make_room` undoes what it did.
fn assert_survives_a_full_disk(place: &Place, out: &str, no_room: impl Fn(Command) -> Command, make_room: impl Fn()) {
    place.train(["--epochs", "2", "--out", out]).success();
    let run = Path::new(out).join("b/seed-42");
    let last = fs::read(place.path(&run).join("last.ckpt")).unwrap();

    let more = ["--epochs", "6", "--checkpoint-every", "1", "--out", out, "--resume"];
    let command = no_room(place.command(Place::synthetic(more)));
    let assert = assert_cmd::Command::from_std(command).assert();
    assert_fails(assert, &["last.ckpt: cannot write", "--resume"]);
    assert!(fs::read(place.path(&run).join("last.ckpt")).unwrap() == last, "the earlier state is gone");

    make_room();
    place.train(more).success();
    assert_eq!(place.all_contents(&run).names(), FILES, "a temporary file was left");
    place.train(["--epochs", "6", "--out", "undisturbed"]).success();
    place.contents(&run).assert_same(&place.contents("undisturbed/b/seed-42"), "after a full disk");
}

/// A state takes 2.4 MB, the best weights 0.5 MB; the limit, in blocks of 512 or 1024 bytes, lies between.
#[cfg(unix)]
#[test]
fn files_that_may_not_grow_spare_the_earlier_state() {
    let place = Place::new();
    let limited = |command: Command| {
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"trap "" XFSZ; ulimit -f 1500; exec "$@""#, "sh"]);
        shell.arg(command.get_program()).args(command.get_args());
        place.clean(&mut shell);
        shell
    };
    assert_survives_a_full_disk(&place, "limited", limited, || ());
}

/// A file system that is mounted until this is dropped.
#[cfg(target_os = "linux")]
struct Mounted<'a>(&'a Path);

#[cfg(target_os = "linux")]
impl<'a> Mounted<'a> {
    /// Mounts one; where that is forbidden, says so and returns nothing.
    fn new(at: &'a Path, args: &[&str]) -> Option<Self> {
        let mount = Command::new("mount").args(args).arg(at).output();
        let mounted = mount.is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: may not mount {args:?}");
        }
        mounted.then_some(Self(at))
    }

    /// Mounts one of this size that is kept in memory.
    fn memory(at: &'a Path, size: &str) -> Option<Self> {
        Self::new(at, &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
    }
}

#[cfg(target_os = "linux")]
impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(self.0).status();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_spares_the_earlier_state() {
    let place = Place::new();
    let disk = place.path("disk");
    fs::create_dir(&disk).unwrap();
    // Files that may not grow are the next best; what a disk does is simulated in the tests of core's `disk`.
    let Some(_mounted) = Mounted::memory(&disk, "8m") else {
        return files_that_may_not_grow_spare_the_earlier_state();
    };

    // 3.8 MB of a whole run and 3 MB of ballast leave 1.2 MB.
    let ballast = disk.join("ballast");
    let fill = |command| {
        fs::write(&ballast, vec![0; 3 << 20]).unwrap();
        command
    };
    assert_survives_a_full_disk(&place, "disk", fill, || fs::remove_file(&ballast).unwrap());
}

/// A run folder that comes from a container's image: it cannot be renamed there.
#[cfg(target_os = "linux")]
#[test]
fn a_run_in_the_lower_layer_of_an_overlay_is_moved_aside() {
    let place = Place::new();
    place.train(["--epochs", "2", "--out", "image"]).success();
    let before = place.contents("image/b/seed-42");
    let [upper, out] = ["upper", "out"].map(|name| place.path(name));
    [&upper, &out].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
    // The upper layer of an overlay must not be in one.
    let Some(_upper) = Mounted::memory(&upper, "16m") else { return };
    [&upper.join("files"), &upper.join("work")].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
    let layers = format!(
        "lowerdir={},upperdir={},workdir={}",
        place.path("image").display(),
        upper.join("files").display(),
        upper.join("work").display()
    );
    let Some(_overlay) = Mounted::new(&out, &["-t", "overlay", "-o", &layers, "overlay"]) else { return };

    let renamed = fs::rename(out.join("b/seed-42"), out.join("b/other"));
    assert!(renamed.is_err_and(|error| error.kind() == std::io::ErrorKind::CrossesDevices));
    place.train(["--epochs", "1", "--out", "out"]).success();
    place.contents("out/b/seed-42.previous-1").assert_same(&before, "moved aside");
}
