//! `ottla check`.

use crate::support::run;

const HISTORY: &str = r#"# a record that is lost
{"at":1,"type":"send","op":1,"who":"p","topic":"t","partition":0,"value":"a"}
{"at":2,"type":"ok","op":1,"offset":0}
{"at":3,"type":"audit","who":"r"}
"#;

#[test]
fn what_is_wrong_with_a_history_is_told_and_ends_with_code_1() {
    let output = run(&["check", "-"], HISTORY);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(printed.starts_with("lost-write: \"a\" of p (event 1, acknowledged by event 2)"), "{printed}");
    assert!(printed.ends_with("1 sends, 1 acknowledged, 0 records read, 0 transactions: 1 findings\n"));

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.jsonl");
    let read =
        r#"{"at":4,"type":"poll","who":"r","topic":"t","partition":0,"records":[{"offset":0,"value":"a"}]}"#;
    std::fs::write(&file, format!("{HISTORY}{read}\n")).unwrap();
    let output = run(&["check", "--json", file.to_str().unwrap()], "");
    assert_eq!(output.status.code(), Some(0));
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&told["findings"], &told["reads"]), (&serde_json::json!([]), &serde_json::json!(1)));
}

#[test]
fn what_is_no_history_is_refused_with_its_line() {
    let output = run(&["check", "-"], &HISTORY.replace("audit", "audited"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("line 4: unknown variant `audited`"), "{said}");
    assert_eq!(run(&["check", "no-such-file"], "").status.code(), Some(1));
}
