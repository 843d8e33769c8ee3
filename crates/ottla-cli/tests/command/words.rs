//! What makes no sense, what cannot be reached, and what explains itself.

use crate::support::{run, said as told};

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let said = |words: &[&str], code: i32| {
        let output = run(words, "");
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["serve", "--set", "num.partition=1"], 1).contains("did you mean num.partitions?"));
    assert!(said(&["serve", "--memory", "--listen", "0.0.0.0:0"], 1).contains("--advertise"));
    assert!(said(&["serve", "--listen", "nonsense"], 2).contains("--listen"));
    assert!(said(&["consume"], 2).contains("TOPIC"));
}

#[test]
fn a_cluster_that_is_not_there_has_an_exit_code_of_its_own() {
    // Nobody listens on port 1, and the client is told not to hope for long.
    let patience = ["--set", "socket.connection.setup.timeout.ms=300"];
    for words in
        [&["topic", "list"][..], &["group", "list"], &["cluster"], &["consume", "t"], &["produce", "t"]]
    {
        let output = run(&[words, &["--bootstrap", "127.0.0.1:1"], &patience].concat(), "x\n");
        assert_eq!(output.status.code(), Some(3), "{words:?}: {}", told(&output));
        assert!(told(&output).contains("127.0.0.1:1"), "{}", told(&output));
    }
}

#[test]
fn an_address_that_is_none_makes_no_sense_to_any_command() {
    for words in
        [&["topic", "list"][..], &["consume", "t"], &["produce", "t"], &["consume", "t", "--group", "g"]]
    {
        let output = run(&[words, &["--bootstrap", "127.0.0.1"]].concat(), "");
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", told(&output));
        assert!(told(&output).contains("the port is missing"), "{}", told(&output));
    }
    assert_eq!(run(&["consume", "t", "--group", ""], "").status.code(), Some(2));
}

#[test]
fn settings_of_clients_are_kafkas() {
    for words in [&["topic", "list"][..], &["consume", "t"], &["produce", "t"]] {
        let output = run(&[words, &["-X", "no.such.thing=1"]].concat(), "");
        assert_eq!(output.status.code(), Some(2), "{words:?}");
        assert!(told(&output).contains("no.such.thing"), "{}", told(&output));
    }
}

#[test]
fn shells_are_told_how_to_complete() {
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&["completions", shell], "");
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        assert!(
            ["topic", "group", "consume", "explain", "execute"].iter().all(|word| script.contains(word)),
            "{shell}"
        );
    }
    assert_eq!(run(&["completions", "cobol"], "").status.code(), Some(2));
}

#[test]
fn every_command_has_help_and_the_larger_ones_have_examples() {
    let help = |words: &[&str]| {
        let output = run(&[words, &["--help"]].concat(), "");
        assert!(output.status.success(), "{words:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(help(&[]).contains("Exit codes: 0 done;"));
    for words in [
        &["serve"][..],
        &["topic", "create"],
        &["topic", "alter"],
        &["group", "reset"],
        &["produce"],
        &["consume"],
        &["explain"],
        &["log", "dump"],
        &["completions"],
    ] {
        assert!(help(words).contains("Examples:"), "{words:?}");
    }
    for words in [&["topic"][..], &["topic", "list"], &["group", "describe"], &["cluster"]] {
        assert!(!help(words).is_empty());
    }
}
