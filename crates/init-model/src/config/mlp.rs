//! A multilayer perceptron: torch's `Sequential` of `Linear` layers with activations between them.

use super::{error::ConfigProblem, fields::Fields, table::Table};

/// Lists the parameters and rules of the family, with the names of the `Sequential`: `0.weight`,
/// `0.bias`, `2.weight`, …
pub(super) fn build(fields: &Fields<'_>, table: &mut Table) -> Result<(), ConfigProblem> {
    let sizes = fields.sizes("sizes", &[])?;
    let &[inputs, ..] = sizes.as_slice() else {
        let expected = "a list of the sizes of inputs, hidden layers and outputs, which cannot be omitted";
        return Err(ConfigProblem::field("sizes", expected, &serde_json::Value::Null));
    };
    if sizes.len() == 1 {
        let expected = "a list of at least 2 sizes, those of inputs and outputs";
        return Err(ConfigProblem::field("sizes", expected, &sizes.into()));
    }
    let bias = fields.flag("bias", true)?;
    let mut inputs = inputs;
    for (layer, &out) in sizes[1..].iter().enumerate() {
        let name = (2 * layer).to_string();
        table.linear(&name, out, inputs, bias)?;
        table.torch_linear_rules(&name, inputs);
        inputs = out;
    }
    Ok(())
}
