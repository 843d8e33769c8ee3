//! What a member does, request by request.
