//! Which path is answered by which handler, and what every request passes on the way to one.

use crate::app::App;
use crate::openapi::Api;
use crate::service::Service;
use crate::{caller, health, openapi, shape, static_log};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use std::sync::Arc;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Most bytes of a body where the route does not say otherwise.
const MAX_BODY: usize = 64 << 10;

/// Every route with its description.
pub fn all() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Api::openapi())
        .routes(routes!(health::healthz))
        .routes(routes!(health::readyz))
        .routes(routes!(health::read_metrics))
        .routes(routes!(health::problem))
        .routes(routes!(openapi::read_openapi))
        .routes(routes!(static_log::checkpoint))
        // Described beside the API's title: OpenAPI has no parameter that goes over several parts of a path.
        .route("/tile/{*path}", get(static_log::tile))
}

/// What is answered without a running registry: log, health, metrics.
pub fn router(app: App) -> Router {
    shell(app, all())
}

/// The whole registry with its API.
pub fn registry_router(app: App, service: Arc<Service>) -> Router {
    let api = crate::api::routes().layer(axum::Extension(service));
    shell(app, all().merge(api))
}

/// Routes inside of everything that each request passes. For tests of the shell itself, too.
pub fn shell(app: App, routes: OpenApiRouter<App>) -> Router {
    let (router, _) = routes.split_for_parts();
    router
        .fallback(shape::nothing_there)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        // Layers that are added later come first.
        .layer(from_fn_with_state(app.clone(), caller::identify))
        .layer(from_fn_with_state(app.clone(), shape::deadline))
        .layer(from_fn(shape::problems))
        .layer(from_fn_with_state(app.clone(), shape::observe))
        .with_state(app)
}
