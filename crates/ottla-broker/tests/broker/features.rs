//! The features that the cluster agreed on, and how they are put at other levels.

use ottla_protocol::ErrorCode;
use ottla_protocol::messages::api_versions::ApiVersionsRequest;
use ottla_protocol::messages::update_features::{
    FeatureUpdateKey, UpdateFeaturesRequest, UpdateFeaturesResponse,
};

use crate::harness::{End, Kit, text};

const ELR: &str = "eligible.leader.replicas.version";
const UP: i8 = 1;
const DOWN_IF_NOTHING_IS_LOST: i8 = 2;
const DOWN: i8 = 3;

/// Names and bounds of what is supported, names and levels of what is finalized, and the epoch.
type Seen = (Vec<(String, i16, i16)>, Vec<(String, i16)>, i64);

fn seen(kit: &mut Kit, version: i16) -> Seen {
    let request =
        ApiVersionsRequest::default().with_client_software_name("t").with_client_software_version("1");
    let response = kit.call_now(version, &request);
    let supported = response.supported_features.iter();
    let supported = supported.map(|f| (f.name.to_string(), f.min_version, f.max_version)).collect();
    let finalized = response.finalized_features.iter();
    assert!(finalized.clone().all(|feature| feature.min_version_level == feature.max_version_level));
    let finalized = finalized.map(|f| (f.name.to_string(), f.max_version_level)).collect();
    (supported, finalized, response.finalized_features_epoch)
}

fn level(kit: &mut Kit, name: &str) -> i16 {
    let (_, finalized, _) = seen(kit, 4);
    finalized.iter().find(|(feature, _)| feature == name).map_or(0, |(_, level)| *level)
}

/// A feature, its level, and which way it may go.
type Update<'a> = (&'a str, i16, i8);

fn request(updates: &[Update<'_>]) -> UpdateFeaturesRequest {
    let updates = updates.iter().map(|(name, level, upgrade_type)| {
        let mut update = FeatureUpdateKey::default();
        update.feature = text(name);
        update.max_version_level = *level;
        update.upgrade_type = *upgrade_type;
        update
    });
    UpdateFeaturesRequest::default().with_feature_updates(updates.collect())
}

async fn update(kit: &mut Kit, version: i16, updates: &[Update<'_>]) -> UpdateFeaturesResponse {
    kit.call(version, &request(updates)).await
}

/// The names and bounds of Kafka 4.3.1, as far as what they stand for is served.
#[tokio::test(start_paused = true)]
async fn features_are_those_of_kafka_and_finalized_as_after_formatting() {
    let mut kit = Kit::new().await;
    let (supported, finalized, epoch) = seen(&mut kit, 4);
    let names: Vec<_> = supported.iter().map(|(name, ..)| name.as_str()).collect();
    let known = [
        ELR,
        "group.version",
        "kraft.version",
        "metadata.version",
        "share.version",
        "streams.version",
        "transaction.version",
    ];
    assert_eq!(names, known);
    let highest = |(name, _, max): &(String, i16, i16)| (*max > 0).then(|| (name.clone(), *max));
    assert_eq!(finalized, supported.iter().filter_map(highest).collect::<Vec<_>>());
    assert!(finalized.contains(&("metadata.version".to_owned(), 30)));
    assert!(epoch >= 0, "clients take a negative epoch for none");
}

/// As seen on Kafka 4.3.1: clients of older versions take a lowest level of 0 for an error.
#[tokio::test(start_paused = true)]
async fn older_versions_name_only_features_that_are_always_used() {
    let mut kit = Kit::new().await;
    let (supported, finalized, _) = seen(&mut kit, 3);
    assert_eq!(supported, [("metadata.version".to_owned(), 7, 30)]);
    assert_eq!(finalized, seen(&mut kit, 4).1);
    assert_eq!(
        (seen(&mut kit, 2).0.len(), seen(&mut kit, 2).1.len()),
        (0, 0),
        "no version before has a place"
    );
}

#[tokio::test(start_paused = true)]
async fn a_level_that_is_chosen_outlives_the_broker_and_moves_the_epoch() {
    let mut kit = Kit::new().await;
    let before = seen(&mut kit, 4).2;
    for version in 0..=2 {
        let same = update(&mut kit, version, &[(ELR, 1, UP)]).await;
        assert_eq!((same.error_code, same.error_message), (ErrorCode::NONE, None));
    }
    let down = update(&mut kit, 1, &[(ELR, 0, DOWN_IF_NOTHING_IS_LOST)]).await;
    assert_eq!(down.error_code, ErrorCode::NONE);
    assert_eq!((&*down.results[0].feature, down.results[0].error_message.as_deref()), (ELR, Some("NONE")));
    assert_eq!(level(&mut kit, ELR), 0);
    let after = seen(&mut kit, 4).2;
    assert!(after > before, "{before} {after}");
    for end in [End::Kill, End::PowerLoss(3), End::Close] {
        kit = kit.reopened(end).await;
        assert_eq!((level(&mut kit, ELR), seen(&mut kit, 4).2), (0, after), "{end:?}");
    }
    let up = update(&mut kit, 2, &[(ELR, 1, UP)]).await;
    assert_eq!((up.error_code, up.results.len()), (ErrorCode::NONE, 0), "version 2 tells no results");
    assert_eq!(level(&mut kit, ELR), 1);
}

#[tokio::test(start_paused = true)]
async fn a_check_changes_nothing() {
    let mut kit = Kit::new().await;
    let before = seen(&mut kit, 4);
    for upgrade_type in [DOWN_IF_NOTHING_IS_LOST, DOWN] {
        let request = request(&[(ELR, 0, upgrade_type)]).with_validate_only(true);
        assert_eq!(kit.call(1, &request).await.error_code, ErrorCode::NONE);
    }
    let wrong = request(&[(ELR, 9, UP)]).with_validate_only(true);
    assert_eq!(kit.call(1, &wrong).await.error_code, ErrorCode::INVALID_UPDATE_VERSION);
    assert_eq!(seen(&mut kit, 4), before);
}

/// As seen on Kafka 4.3.1, word by word.
#[tokio::test(start_paused = true)]
async fn one_wrong_update_refuses_them_all() {
    let mut kit = Kit::new().await;
    let refusals: [(&[Update<'_>], &str); 8] = [
        (
            &[(ELR, 0, UP)],
            "Invalid update version 0 for feature eligible.leader.replicas.version. Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
        ),
        (
            &[(ELR, 2, UP)],
            "Invalid update version 2 for feature eligible.leader.replicas.version. Local controller 1 only supports versions 0-1",
        ),
        (
            &[(ELR, -1, UP)],
            "Invalid update version -1 for feature eligible.leader.replicas.version. A feature version cannot be less than 0.",
        ),
        (
            &[(ELR, 1, 4)],
            "Invalid update version 1 for feature eligible.leader.replicas.version. The controller does not support the given upgrade type.",
        ),
        (
            &[("nope", 1, UP)],
            "Invalid update version 1 for feature nope. Local controller 1 does not support this feature.",
        ),
        (&[("nope", 0, UP)], "Invalid update version 0 for feature nope. Feature nope not found."),
        (
            &[("metadata.version", 29, DOWN)],
            "Unsupported metadata.version downgrade from 30 to 29. Unsafe metadata downgrade is not supported in this version.",
        ),
        (
            &[(ELR, 0, DOWN), ("nope", 1, UP)],
            "Invalid update version 1 for feature nope. Local controller 1 does not support this feature.",
        ),
    ];
    for (updates, why) in refusals {
        let response = update(&mut kit, 1, updates).await;
        assert_eq!(response.error_code, ErrorCode::INVALID_UPDATE_VERSION, "{updates:?}");
        let words =
            format!("The update failed for all features since the following feature had an error: {why}");
        assert_eq!(response.error_message.as_deref(), Some(&*words));
        assert!(response.results.is_empty());
    }
    assert_eq!(level(&mut kit, ELR), 1);
}

/// As seen on Kafka 4.3.1, which does not even look at the others.
#[tokio::test(start_paused = true)]
async fn of_a_feature_that_is_named_twice_the_last_level_holds() {
    let mut kit = Kit::new().await;
    let twice = update(&mut kit, 1, &[(ELR, 0, DOWN), (ELR, 1, UP)]).await;
    assert_eq!((twice.error_code, twice.results.len()), (ErrorCode::NONE, 2));
    assert_eq!(level(&mut kit, ELR), 1);
    update(&mut kit, 1, &[(ELR, 1, UP), (ELR, 0, DOWN)]).await;
    assert_eq!(level(&mut kit, ELR), 0);
    let wrong_first = update(&mut kit, 1, &[(ELR, 9, 9), (ELR, 0, UP)]).await;
    assert_eq!(wrong_first.error_code, ErrorCode::NONE);
    let newer = update(&mut kit, 1, &[(ELR, 1, DOWN)]).await;
    assert!(newer.error_message.unwrap().ends_with("Can't downgrade to a newer version."));
    assert_eq!(update(&mut kit, 1, &[]).await.error_code, ErrorCode::NONE);
}
