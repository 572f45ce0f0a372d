//! What somebody sent by a form.

use layer1::plain::quoted;

use super::field::Field;
use crate::failure::Failure;

/// The values of a form by the names of its fields.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a form.
    pub(crate) fn read(body: &[u8]) -> Self {
        Form(form_urlencoded::parse(body).into_owned().collect())
    }

    /// What fields have before anybody has written into them.
    pub(crate) fn usual(fields: &[Field]) -> Self {
        let usual = |field: &Field| (field.name.to_owned(), field.usual.to_owned());
        Form(fields.iter().map(usual).collect())
    }

    /// A value, as it is; empty if it is not there.
    pub(crate) fn value(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// A value that has to be there.
    ///
    /// # Errors
    /// When it is not.
    pub(crate) fn needed(&self, field: &str) -> Result<String, Failure> {
        match self.value(field) {
            "" => Err(Failure::malformed(format!("The field {field} is empty."))),
            value => Ok(value.to_owned()),
        }
    }

    /// A whole number that has to be there.
    ///
    /// # Errors
    /// When it is not, or is something else.
    pub(crate) fn number(&self, field: &str) -> Result<String, Failure> {
        let value = self.needed(field)?;
        match value.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(value),
            false => {
                let value = quoted(&value);
                Err(Failure::malformed(format!("The field {field} takes digits, not {value}.")))
            }
        }
    }
}
