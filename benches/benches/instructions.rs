//! How many instructions does an element take, a call for 768, and the beginning of a block? A guard that noise cannot trip:
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
    use std::error::Error;
    use std::path::PathBuf;
    use std::process::{Command, ExitCode};
    use std::{env, fs};

    use fanin_benches::instructions::{Figures, cases, child, compare, count, limits};
    use init_kernels::Level;

    const CHILD: &str = "--child";

    pub(super) fn main() -> ExitCode {
        let arguments: Vec<_> = env::args().skip(1).collect();
        let is = |word: &str| arguments.iter().any(|argument| argument == word);
        if is(CHILD) {
            child();
            return ExitCode::SUCCESS;
        }
        // Criterion's word for "once, untimed": the other benchmarks' check, and no question of this one.
        if is("--test") {
            println!("instructions are counted without --test");
            return ExitCode::SUCCESS;
        }
        let against = arguments.iter().skip_while(|argument| *argument != "--against").nth(1);
        let file =
            against.map_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.json").into(), PathBuf::from);
        match guard(&file, is("--bless")) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        }
    }

    /// Whether all is as committed.
    fn guard(file: &PathBuf, bless: bool) -> Result<bool, Box<dyn Error>> {
        let levels: Vec<_> = Level::available().iter().map(Level::to_string).collect();
        for level in ["portable", "avx2", "avx512"] {
            if !levels.iter().any(|found| found == level) {
                println!("skipped: this machine has no level {level}, its instructions are not counted");
            }
        }
        let counts = count(Command::new(env::current_exe()?).arg(CHILD))?;
        let figures =
            cases().iter().zip(counts).map(|(case, counts)| (case.name(), rounded(case.figure(&counts)))).collect();
        let found = Figures { compiler: compiler()?, figures };
        for (name, figure) in &found.figures {
            println!("{name:<40} {figure:>12.4}");
        }

        let mut faults = limits(&found);
        if bless {
            fs::write(file, serde_json::to_string_pretty(&found)? + "\n")?;
            println!("written to {}", file.display());
        } else {
            let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
            let committed: Figures = serde_json::from_str(&text)?;
            let changes = compare(&found, &committed, &levels);
            if !changes.is_empty() && found.compiler != committed.compiler {
                println!("committed with {}, counted with {}", committed.compiler, found.compiler);
            }
            faults.extend(changes);
        }
        for fault in &faults {
            eprintln!("error: {fault}");
        }
        if faults.is_empty() {
            println!("{} figures are as committed and within their limits", found.figures.len());
        } else {
            eprintln!("{} figures are not as they should be; commit a change that is meant with --bless", faults.len());
        }
        Ok(faults.is_empty())
    }

    fn rounded(figure: f64) -> f64 {
        (figure * 1e5).round() / 1e5
    }

    fn compiler() -> Result<String, Box<dyn Error>> {
        let output = Command::new("rustc").arg("--version").output()?;
        Ok(String::from_utf8(output.stdout)?.trim().to_owned())
    }
}
