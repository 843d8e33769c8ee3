//! `UpdateFeatures` (key 57): puts features at other levels (KIP-584), all of them or none.
//!
//! The checks, their order and their words are Kafka's, and so is that `allow_downgrade` of version 0 means nothing.
//! What is answered is durable and holds.

use std::collections::BTreeMap;
use std::sync::Arc;

use ottla_protocol::api::ErrorCode;
use ottla_protocol::messages::ResponseBody;
use ottla_protocol::messages::update_features::{
    UpdatableFeatureResult, UpdateFeaturesRequest, UpdateFeaturesResponse,
};
use ottla_protocol::wire::Str;
use ottla_storage::FileRange;

use super::{Handling, told};
use crate::broker::Core;
use crate::features::{self, UpgradeType};
use crate::metadata::image::Image;
use crate::metadata::record::MetadataRecord;

/// Changes the levels, or only says whether it would.
pub(crate) fn handle(core: &Arc<Core>, version: i16, request: UpdateFeaturesRequest) -> Handling {
    let proposal = core.journal.propose(core, |image| match decide(core, image, &request) {
        Ok(records) if !request.validate_only => (records, Ok(())),
        Ok(_) => (Vec::new(), Ok(())),
        Err(why) => (Vec::new(), Err(why)),
    });
    let proposal = match proposal {
        Ok(proposal) => proposal,
        Err(code) => return Handling::respond(refused(code, None)),
    };
    if let Err(why) = proposal.outcome {
        let words =
            format!("The update failed for all features since the following feature had an error: {why}");
        return Handling::respond(refused(ErrorCode::INVALID_UPDATE_VERSION, Some(words)));
    }
    let done = done(version, &request);
    if core.journal.is_published(proposal.end) {
        return Handling::respond(done);
    }
    let core = Arc::clone(core);
    Handling::later(async move {
        match core.journal.published(proposal.end).await {
            Ok(()) => done,
            Err(code) => refused(code, None),
        }
    })
}

/// The records of the levels that are asked for; of a feature that is named twice, only the last time counts.
fn decide(
    core: &Core,
    image: &Image,
    request: &UpdateFeaturesRequest,
) -> Result<Vec<MetadataRecord>, String> {
    let updates = request.feature_updates.iter().map(|update| (&update.feature, update));
    let last: BTreeMap<_, _> = updates.collect();
    let mut records = Vec::new();
    for update in last.into_values() {
        let (name, wanted) = (&update.feature, update.max_version_level);
        let level = |feature: &features::Feature| features::level_of(feature, image.feature(name));
        features::check(core.node_id, name, level, wanted, UpgradeType::from_wire(update.upgrade_type))?;
        records.push(MetadataRecord::Feature(features::chosen(name, wanted)));
    }
    Ok(records)
}

fn done(version: i16, request: &UpdateFeaturesRequest) -> ResponseBody<FileRange> {
    let mut response = UpdateFeaturesResponse::default();
    response.error_message = None;
    if version < 2 {
        let results = request.feature_updates.iter().map(|update| {
            let mut result = UpdatableFeatureResult::default();
            result.feature = update.feature.clone();
            result.error_message = Some(Str::from_static("NONE"));
            result
        });
        response.results = results.collect();
    }
    ResponseBody::UpdateFeatures(response)
}

fn refused(code: ErrorCode, why: Option<String>) -> ResponseBody<FileRange> {
    let mut response = UpdateFeaturesResponse::default();
    response.error_code = code;
    response.error_message = why.map(told);
    ResponseBody::UpdateFeatures(response)
}
