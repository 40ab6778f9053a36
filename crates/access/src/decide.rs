//! The one decision: an actor, an action and an object in; yes or no with the policies that said so out.

use crate::action::{Action, Scope};
use crate::actor::Actor;
use crate::object::Object;
use cedar_policy::{
    Authorizer, Context, Effect, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId, PolicySet,
    Request, RestrictedExpression, Schema, ValidationMode, Validator,
};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::str::FromStr;

const POLICIES: &str = include_str!("access.cedar");
const SCHEMA: &str = include_str!("access.cedarschema");

/// The policies, ready to decide.
#[derive(Debug)]
pub struct Access {
    policies: PolicySet,
    schema: Schema,
    authorizer: Authorizer,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be done.
    pub allowed: bool,
    /// The identifiers of the policies that decided, in order; none if no policy permits it.
    pub policies: Vec<String>,
    /// What could not be evaluated, if anything; it is refused then.
    pub errors: Vec<String>,
}

/// One policy, as its text says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Its identifier.
    pub id: String,
    /// What it says, in a sentence.
    pub about: String,
    /// Whether it permits; otherwise it forbids.
    pub permits: bool,
}

/// Why the policies cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The schema is not one.
    #[error("the schema of the access policies: {0}")]
    Schema(String),
    /// A policy is not one.
    #[error("the access policies: {0}")]
    Syntax(String),
    /// A policy does not fit the schema.
    #[error("the access policies do not fit their schema: {0}")]
    Validation(String),
    /// A policy without identifier or sentence, or two with the same identifier.
    #[error("the access policy '{0}' has no @id and @about of its own")]
    Unnamed(String),
}

impl Access {
    /// The policies that are compiled in.
    ///
    /// # Errors
    ///
    /// [`AccessError`]: never for a build whose tests passed.
    pub fn new() -> Result<Self, AccessError> {
        Self::load(POLICIES, SCHEMA)
    }

    /// Reads policies and holds them strictly against a schema.
    ///
    /// # Errors
    ///
    /// [`AccessError`] if either is malformed or they do not fit each other, or if a policy has no name of its own.
    pub fn load(policies: &str, schema: &str) -> Result<Self, AccessError> {
        let (schema, _) =
            Schema::from_cedarschema_str(schema).map_err(|e| AccessError::Schema(e.to_string()))?;
        let read = PolicySet::from_str(policies).map_err(|e| AccessError::Syntax(e.to_string()))?;
        let policies = named(&read)?;
        let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        let wrong: Vec<String> = (result.validation_errors().map(ToString::to_string))
            .chain(result.validation_warnings().map(ToString::to_string))
            .collect();
        if wrong.is_empty() {
            Ok(Self { policies, schema, authorizer: Authorizer::new() })
        } else {
            Err(AccessError::Validation(wrong.join("; ")))
        }
    }

    /// Whether `actor` may do `action` to `object`. An action on the registry is refused on a holding, and the other way round.
    #[must_use]
    pub fn decide(&self, actor: &Actor, action: Action, object: &Object) -> Decision {
        match self.evaluate(actor, action, object) {
            Ok(decision) => decision,
            Err(error) => Decision { allowed: false, policies: Vec::new(), errors: vec![error] },
        }
    }

    fn evaluate(&self, actor: &Actor, action: Action, object: &Object) -> Result<Decision, String> {
        let scope = match object {
            Object::Registry => Scope::Registry,
            Object::Holding { .. } => Scope::Holding,
        };
        if scope != action.scope() {
            return Err(format!("{action} is not done to {object}"));
        }
        let (principal, resource) = (principal(actor)?, resource(object)?);
        let request = Request::new(
            principal.uid(),
            uid("Action", action.name())?,
            resource.uid(),
            Context::empty(),
            Some(&self.schema),
        )
        .map_err(text)?;
        let entities = Entities::from_entities([principal, resource], Some(&self.schema)).map_err(text)?;
        let response = self.authorizer.is_authorized(&request, &self.policies, &entities);
        let errors: Vec<String> = response.diagnostics().errors().map(ToString::to_string).collect();
        let mut policies: Vec<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        policies.sort_unstable();
        let allowed = response.decision() == cedar_policy::Decision::Allow && errors.is_empty();
        Ok(Decision { allowed, policies, errors })
    }

    /// What the policies say in sentences, sorted by identifier.
    #[must_use]
    pub fn policies(&self) -> Vec<Policy> {
        let mut all: Vec<Policy> = (self.policies.policies())
            .map(|policy| Policy {
                id: policy.id().to_string(),
                about: policy.annotation("about").unwrap_or_default().to_owned(),
                permits: policy.effect() == Effect::Permit,
            })
            .collect();
        all.sort_by(|a, b| a.id.cmp(&b.id));
        all
    }
}

/// The same policies under the identifiers that their text gives them.
fn named(read: &PolicySet) -> Result<PolicySet, AccessError> {
    let mut policies = PolicySet::new();
    for policy in read.policies() {
        let unnamed = || AccessError::Unnamed(policy.to_string());
        let id = policy.annotation("id").filter(|id| !id.is_empty()).ok_or_else(unnamed)?;
        policy.annotation("about").filter(|about| !about.is_empty()).ok_or_else(unnamed)?;
        policies.add(policy.new_id(PolicyId::new(id))).map_err(|_| unnamed())?;
    }
    Ok(policies)
}

fn principal(actor: &Actor) -> Result<Entity, String> {
    match actor {
        Actor::Nobody => entity("Nobody", vec![]),
        Actor::Administrator => entity("Administrator", vec![]),
        Actor::Agent { operator, site, device } => {
            entity("Agent", vec![("operator", one(operator)), ("site", one(site)), ("device", one(device))])
        }
        Actor::Relay { operator, sites } => {
            entity("Relay", vec![("operator", one(operator)), ("sites", many(sites))])
        }
        Actor::Enrolment { operator, sites } => {
            entity("Enrolment", vec![("operator", one(operator)), ("sites", many(sites))])
        }
        Actor::Operator { operator, sites } => {
            entity("Operator", vec![("operator", one(operator)), ("sites", many(sites))])
        }
        Actor::Inspector { operators, sites } => {
            entity("Inspector", vec![("operators", many(operators)), ("sites", many(sites))])
        }
        Actor::Reader { operators, sites } => {
            entity("Reader", vec![("operators", many(operators)), ("sites", many(sites))])
        }
    }
}

fn resource(object: &Object) -> Result<Entity, String> {
    let Object::Holding { operator, site, device, grants } = object else {
        return entity("Registry", vec![]);
    };
    let mut attributes = vec![("operator", one(operator))];
    attributes.extend(site.as_ref().map(|site| ("site", one(site))));
    attributes.extend(device.as_ref().map(|device| ("device", one(device))));
    attributes.extend(grants.map(|role| ("grants", one(role.name()))));
    entity("Holding", attributes)
}

/// Entities are told apart by their attributes: each request has one actor and one object.
fn entity(kind: &str, attributes: Vec<(&str, RestrictedExpression)>) -> Result<Entity, String> {
    let attributes: HashMap<String, RestrictedExpression> =
        attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Entity::new(uid(kind, "this")?, attributes, HashSet::new()).map_err(text)
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, String> {
    let kind = EntityTypeName::from_str(kind).map_err(text)?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn one(value: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(value.to_owned())
}

fn many(values: &BTreeSet<String>) -> RestrictedExpression {
    RestrictedExpression::new_set(values.iter().map(|value| one(value)))
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
