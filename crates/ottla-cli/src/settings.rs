//! Settings of the broker: pairs of Kafka's keys and values, from a file and from `--set`.
//!
//! A file is read as pairs here; what the keys mean, and which there are, is decided in `ottla_broker::config`.

mod properties;

use std::path::{Path, PathBuf};

use ottla::broker::{BrokerConfig, ConfigError};

/// Why settings were not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("settings file {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("settings file {} is not TOML: {source}", path.display())]
    Toml { path: PathBuf, source: Box<toml::de::Error> },
    #[error("settings file {}: {problem}", path.display())]
    Properties { path: PathBuf, problem: properties::Problem },
    #[error("settings file {}: {key} is neither text nor a number, a boolean or a list of them", path.display())]
    Shape { path: PathBuf, key: String },
    #[error("settings file {}: {source}", path.display())]
    InFile { path: PathBuf, source: ConfigError },
    #[error("--set {key}: {source}")]
    OnCommandLine { key: String, source: ConfigError },
}

/// The settings of a file, if there is one, and then those of the command line, which win.
pub(crate) fn read(file: Option<&Path>, set: &[(String, String)]) -> Result<BrokerConfig, Error> {
    let mut config = BrokerConfig::new();
    if let Some(path) = file {
        for (key, value) in pairs(path)? {
            let in_file = |source| Error::InFile { path: path.to_path_buf(), source };
            config.set(&key, &value).map_err(in_file)?;
        }
    }
    for (key, value) in set {
        config.set(key, value).map_err(|source| Error::OnCommandLine { key: key.clone(), source })?;
    }
    Ok(config)
}

/// The pairs of a file, in whichever format its name says.
fn pairs(path: &Path) -> Result<Vec<(String, String)>, Error> {
    let read = |source| Error::Read { path: path.to_path_buf(), source };
    let text = std::fs::read_to_string(path).map_err(read)?;
    if path.extension().is_some_and(|suffix| suffix == "properties") {
        let problem = |problem| Error::Properties { path: path.to_path_buf(), problem };
        return properties::parse(&text).map_err(problem);
    }
    let table: toml::Table =
        text.parse().map_err(|source| Error::Toml { path: path.to_path_buf(), source: Box::new(source) })?;
    let mut pairs = Vec::new();
    flatten("", &table, &mut pairs).map_err(|key| Error::Shape { path: path.to_path_buf(), key })?;
    Ok(pairs)
}

/// TOML reads `log.segment.bytes = 1` as tables within tables; here they become Kafka's keys again.
fn flatten(prefix: &str, table: &toml::Table, pairs: &mut Vec<(String, String)>) -> Result<(), String> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            toml::Value::Table(inner) => flatten(&key, inner, pairs)?,
            toml::Value::Array(list) => {
                let parts: Option<Vec<String>> = list.iter().map(scalar).collect();
                pairs.push((key.clone(), parts.ok_or(key)?.join(",")));
            }
            value => pairs.push((key.clone(), scalar(value).ok_or(key)?)),
        }
    }
    Ok(())
}

fn scalar(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn keys_of_a_toml_file_are_kafkas_however_they_are_nested() {
        let text = "num.partitions = 3\n\"max.connections.per.ip\" = 7\nlisteners = [\"A://:1\", \"B://:2\"]\n\
                    [log]\nsegment.bytes = 1048576\n";
        let (_folder, path) = file("ottla.toml", text);
        let config = read(Some(&path), &[]).unwrap();
        assert_eq!(config.get("num.partitions"), Some("3"));
        assert_eq!(config.get("max.connections.per.ip"), Some("7"));
        assert_eq!(config.get("listeners"), Some("A://:1,B://:2"));
        assert_eq!(config.get("log.segment.bytes"), Some("1048576"));
    }

    #[test]
    fn the_command_line_wins_over_the_file() {
        let (_folder, path) = file("server.properties", "num.partitions=3\n# a comment\nnode.id = 9\n");
        let config = read(Some(&path), &[("num.partitions".to_owned(), "5".to_owned())]).unwrap();
        assert_eq!((config.get("num.partitions"), config.node_id()), (Some("5"), 9));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let (_folder, path) = file("ottla.toml", "num.partition = 3\n");
        let said = read(Some(&path), &[]).unwrap_err().to_string();
        assert!(said.contains("ottla.toml") && said.contains("did you mean num.partitions?"), "{said}");
        let said = read(None, &[("durability".to_owned(), "maybe".to_owned())]).unwrap_err().to_string();
        assert!(said.starts_with("--set durability: "), "{said}");
        let (_folder, path) = file("ottla.toml", "num.partitions = 2024-01-01\n");
        assert!(matches!(read(Some(&path), &[]), Err(Error::Shape { .. })));
        assert!(matches!(read(Some(Path::new("absent.toml")), &[]), Err(Error::Read { .. })));
    }
}
