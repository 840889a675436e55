//! Warnings about signals that vanish or explode.

use init_data::trace::{Fate, Outlook, Trace};

use crate::number::rounded;

/// Returns one line for each signal that vanishes or explodes.
pub(super) fn warnings(trace: &Trace) -> Vec<String> {
    let depth = trace.layers.len();
    let lines = [(&trace.forward, true), (&trace.backward, false)];
    lines.into_iter().filter_map(|(outlook, forward)| warning(outlook, depth, forward)).collect()
}

fn warning(outlook: &Outlook, depth: usize, forward: bool) -> Option<String> {
    let (what, start) = if forward { ("activations", "the input") } else { ("gradients", "the output gradient") };
    let gone = outlook.depth?;
    // A depth within the stack is a layer; a greater one is that of a longer stack.
    let at = |after: usize| match (after <= depth, forward) {
        (true, true) => format!("at layer {after}"),
        (true, false) => format!("at layer {}, {} from the output", depth + 1 - after, layers(after)),
        (false, _) => format!("in a stack of {}", layers(after)),
    };
    let (verb, passed, below) = match outlook.fate {
        Fate::Steady => return None,
        Fate::Vanishes => ("vanish", "below 1/1000 of", "below"),
        Fate::Explodes => ("explode", "above 1000 times", "above"),
    };
    let will = match (gone <= depth, outlook.by_theory) {
        (true, _) => "",
        (false, true) => "will ",
        (false, false) => "would, at this rate, ",
    };
    if let Some(lost) = outlook.lost {
        let how = if outlook.fate == Fate::Vanishes { "are all 0" } else { "are no longer finite" };
        return Some(format!("{what} {verb}: they {how} {}", at(lost)));
    }
    let factor = rounded(outlook.factor, 3);
    let mut line = format!("{what} {will}{verb}, × {factor} per layer: {passed} {start} {}", at(gone));
    for (dtype, after) in [("f16", outlook.f16), ("f32", outlook.f32)] {
        if let Some(after) = after {
            line += &format!("; {below} the range of {dtype} {}", at(after));
        }
    }
    Some(line)
}

fn layers(count: usize) -> String {
    format!("{count} layer{}", if count == 1 { "" } else { "s" })
}
