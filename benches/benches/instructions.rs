//! Counts the instructions per element, per call for 768 and for 64 elements, and at the start of a
//! block: a guard immune to noise.
//!
//! ```sh
//! cargo bench -p fanin-benches --bench instructions              # compare with benches/instructions.json
//! cargo bench -p fanin-benches --bench instructions -- --bless   # write that file
//! ```
//!
//! `--against FILE` compares with another file.

use std::process::ExitCode;

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn main() -> ExitCode {
    println!("skipped: instructions are counted on x86-64 Linux only");
    ExitCode::SUCCESS
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn main() -> ExitCode {
    counting::main()
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod counting {
    use std::{
        env,
        error::Error,
        fs,
        path::PathBuf,
        process::{Command, ExitCode},
    };

    use fanin_benches::instructions::{Counts, cases, child, compare, count, limits};
    use init_kernels::Level;

    const CHILD: &str = "--child";

    pub(super) fn main() -> ExitCode {
        let arguments: Vec<_> = env::args().skip(1).collect();
        let is = |word: &str| arguments.iter().any(|argument| argument == word);
        if is(CHILD) {
            child();
            return ExitCode::SUCCESS;
        }
        // Criterion's option for one untimed run, which the other benchmarks use as their check.
        if is("--test") {
            println!("skipped: instructions are counted only without --test");
            return ExitCode::SUCCESS;
        }
        let against = arguments.iter().skip_while(|argument| *argument != "--against").nth(1);
        let file =
            against.map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.json").into(), PathBuf::from);
        match check_counts(&file, is("--bless")) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        }
    }

    /// Returns whether all counts are as committed and within their limits.
    fn check_counts(file: &PathBuf, bless: bool) -> Result<bool, Box<dyn Error>> {
        let levels: Vec<_> = Level::available().iter().map(Level::to_string).collect();
        for level in Level::ALL.into_iter().filter(|level| !level.is_available()) {
            println!("skipped: this machine does not have level {level}");
        }
        let counts = count(Command::new(env::current_exe()?).arg(CHILD))?;
        let counts =
            cases().iter().zip(counts).map(|(case, counts)| (case.name(), rounded(case.answer(&counts)))).collect();
        let found = Counts { compiler: compiler()?, counts };
        for (name, count) in &found.counts {
            println!("{name:<40} {count:>12.4}");
        }

        let mut errors = limits(&found);
        if bless {
            fs::write(file, serde_json::to_string_pretty(&found)? + "\n")?;
            println!("written to {}", file.display());
        } else {
            let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let committed: Counts = serde_json::from_str(&text)?;
            let changes = compare(&found, &committed, &levels);
            if !changes.is_empty() && found.compiler != committed.compiler {
                println!("committed with {}, counted with {}", committed.compiler, found.compiler);
            }
            errors.extend(changes);
        }
        for error in &errors {
            eprintln!("error: {error}");
        }
        if errors.is_empty() {
            println!("{} counts are as committed and within their limits", found.counts.len());
        } else {
            eprintln!("{} counts deviate; if the change is intended, write the file with --bless", errors.len());
        }
        Ok(errors.is_empty())
    }

    fn rounded(count: f64) -> f64 {
        (count * 1e5).round() / 1e5
    }

    fn compiler() -> Result<String, Box<dyn Error>> {
        let output = Command::new("rustc").arg("--version").output()?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}
