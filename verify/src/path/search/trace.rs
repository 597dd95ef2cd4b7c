//! The whole search as data, for people who want to know why.

use super::{Issuer, Search, position};
use crate::path::{PathError, Position, Reason, VerifiedPath};

/// What a search tried, and its result.
#[derive(Debug)]
pub struct Explanation {
    /// The end entity and everything tried above it.
    pub root: Node,
    /// The result.
    pub result: Result<VerifiedPath, PathError>,
    /// Signature checks that it took, with those of evidence.
    pub signatures: u32,
    /// Build steps that it took.
    pub build_steps: u32,
    /// Whether the tree was cut off because it grew too large.
    pub truncated: bool,
}

/// A certificate or anchor in the search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Which one.
    pub position: Position,
    /// Its subject in RFC 4514 form.
    pub subject: String,
    /// Its serial number in hexadecimal; empty for an anchor.
    pub serial: String,
    /// What became of it there.
    pub outcome: NodeOutcome,
    /// What was tried as its issuer, in that order.
    pub issuers: Vec<Self>,
}

/// What became of a certificate in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NodeOutcome {
    /// It is on the accepted path.
    Accepted,
    /// No path leads on from it.
    NoPath,
    /// It was refused there, or the path up to it; `at` is what broke the rule.
    Refused {
        /// Which certificate broke the rule.
        at: Position,
        /// The stable code.
        code: &'static str,
        /// The rule.
        rule: &'static str,
        /// In English.
        text: String,
        /// In Japanese.
        text_ja: String,
    },
}

/// Most nodes that are kept; a search through a hostile mesh has more.
const MAX_NODES: usize = 2_000;

#[derive(Debug, Default)]
pub(super) struct Trace {
    stack: Vec<Node>,
    root: Option<Node>,
    nodes: usize,
    truncated: bool,
}

impl Trace {
    pub(super) fn restart(&mut self) {
        *self = Self::default();
    }

    /// Leaves without end are cut off; the path that the search is on, or was accepted, stays.
    fn add(&mut self, node: Node) {
        self.nodes += 1;
        let is_leaf = node.issuers.is_empty() && node.outcome != NodeOutcome::Accepted;
        if self.nodes > MAX_NODES {
            self.truncated = true;
            if is_leaf && !self.stack.is_empty() {
                return;
            }
        }
        self.keep(node);
    }

    fn keep(&mut self, node: Node) {
        match self.stack.last_mut() {
            Some(parent) => parent.issuers.push(node),
            None => self.root = Some(node),
        }
    }
}

impl super::Memory {
    pub(in crate::path) fn trace(&mut self) {
        self.trace = Some(Trace::default());
    }

    pub(in crate::path) fn explanation(
        mut self,
        result: Result<VerifiedPath, PathError>,
    ) -> Explanation {
        let mut trace = self.trace.take().unwrap_or_default();
        // A search that was halted left its path on the stack.
        while let Some(node) = trace.stack.pop() {
            trace.keep(node);
        }
        let empty = Node {
            position: Position::EndEntity,
            subject: String::new(),
            serial: String::new(),
            outcome: NodeOutcome::NoPath,
            issuers: Vec::new(),
        };
        Explanation {
            root: trace.root.unwrap_or(empty),
            result,
            signatures: self.meter.signatures_spent(),
            build_steps: self.meter.steps_spent(),
            truncated: trace.truncated,
        }
    }
}

impl Search<'_, '_> {
    fn traced(&self) -> bool {
        self.memory.trace.is_some() && self.task.level == 0
    }

    pub(super) fn entered(&mut self, index: usize) {
        if !self.traced() {
            return;
        }
        let node = self.node(position(index), NodeOutcome::NoPath);
        if let Some(trace) = &mut self.memory.trace {
            trace.stack.push(node);
        }
    }

    pub(super) fn left(&mut self, accepted: bool) {
        if !self.traced() {
            return;
        }
        if let Some(trace) = &mut self.memory.trace
            && let Some(mut node) = trace.stack.pop()
        {
            if accepted {
                node.outcome = NodeOutcome::Accepted;
            }
            trace.add(node);
        }
    }

    /// A signature that is known to be bad.
    pub(super) fn skipped(&mut self, issuer: Issuer, reason: &Reason) {
        let place = match issuer {
            Issuer::Anchor(index) => Position::Anchor(index),
            Issuer::Intermediate(index) => position(index),
        };
        let at = self.top();
        self.leaf(place, at, reason);
    }

    pub(super) fn refused(&mut self, at: Position, reason: &Reason) {
        if self.traced() && at == self.top() && !self.path.is_empty() {
            let outcome = outcome(at, reason);
            if let Some(node) = self
                .memory
                .trace
                .as_mut()
                .and_then(|it| it.stack.last_mut())
            {
                node.outcome = outcome;
            }
            return;
        }
        self.leaf(at, at, reason);
    }

    pub(super) fn refused_under(&mut self, anchor: usize, at: Position, reason: &Reason) {
        self.leaf(Position::Anchor(anchor), at, reason);
    }

    pub(super) fn accepted_under(&mut self, anchor: usize) {
        if self.traced() {
            let node = self.node(Position::Anchor(anchor), NodeOutcome::Accepted);
            if let Some(trace) = &mut self.memory.trace {
                trace.add(node);
            }
        }
    }

    fn leaf(&mut self, place: Position, at: Position, reason: &Reason) {
        if self.traced() {
            let node = self.node(place, outcome(at, reason));
            if let Some(trace) = &mut self.memory.trace {
                trace.add(node);
            }
        }
    }

    fn node(&self, position: Position, outcome: NodeOutcome) -> Node {
        let serial = match position {
            Position::EndEntity => self.question.end_entity.serial_hex(),
            Position::Intermediate(index) => self.certificate(index + 1).serial_hex(),
            Position::Anchor(_) => String::new(),
        };
        Node {
            position,
            subject: self.subject(position),
            serial,
            outcome,
            issuers: Vec::new(),
        }
    }
}

fn outcome(at: Position, reason: &Reason) -> NodeOutcome {
    NodeOutcome::Refused {
        at,
        code: reason.code(),
        rule: reason.rule(),
        text: reason.to_string(),
        text_ja: reason.text_ja(),
    }
}
