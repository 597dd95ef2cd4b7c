//! The valid policy tree of RFC 5280 §6.1.2 (a): nodes with parents, nothing shared.

use const_oid::ObjectIdentifier;

pub(super) const ANY_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.32.0");

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) depth: usize,
    pub(super) valid_policy: ObjectIdentifier,
    pub(super) expected_policy_set: Vec<ObjectIdentifier>,
    /// Its place among all nodes ever made.
    id: usize,
    parent: Option<usize>,
}

/// Without nodes it is NULL.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    made: usize,
}

impl Tree {
    pub(super) fn new() -> Self {
        let mut tree = Self {
            nodes: Vec::new(),
            made: 0,
        };
        tree.add(None, 0, ANY_POLICY, vec![ANY_POLICY]);
        tree
    }

    pub(super) fn is_null(&self) -> bool {
        self.nodes.is_empty()
    }

    pub(super) fn set_null(&mut self) {
        self.nodes.clear();
    }

    /// Copies of the nodes of a depth.
    pub(super) fn at(&self, depth: usize) -> Vec<Node> {
        let nodes = self.nodes.iter().filter(|node| node.depth == depth);
        nodes.cloned().collect()
    }

    pub(super) fn any_at(&self, depth: usize) -> Option<Node> {
        self.at(depth)
            .into_iter()
            .find(|node| node.valid_policy == ANY_POLICY)
    }

    pub(super) fn parent(&self, node: &Node) -> Option<&Node> {
        let parent = node.parent?;
        self.nodes.iter().find(|other| other.id == parent)
    }

    pub(super) fn has_child(&self, node: &Node, policy: ObjectIdentifier) -> bool {
        self.nodes
            .iter()
            .any(|other| other.parent == Some(node.id) && other.valid_policy == policy)
    }

    pub(super) fn add_child(
        &mut self,
        parent: &Node,
        policy: ObjectIdentifier,
        expected: Vec<ObjectIdentifier>,
    ) {
        self.add(Some(parent.id), parent.depth + 1, policy, expected);
    }

    pub(super) fn expect(&mut self, node: &Node, expected: &[ObjectIdentifier]) {
        for other in &mut self.nodes {
            if other.id == node.id {
                other.expected_policy_set = expected.to_vec();
            }
        }
    }

    /// Deletes a node and all below it.
    pub(super) fn delete(&mut self, node: &Node) {
        let mut doomed = vec![node.id];
        while let Some(id) = doomed.pop() {
            self.nodes.retain(|other| other.id != id);
            let children = self.nodes.iter().filter(|other| other.parent == Some(id));
            doomed.extend(children.map(|child| child.id));
        }
    }

    /// "If there is a node in the valid_policy_tree of depth `depth` or less without any child
    /// nodes, delete that node. Repeat this step until there are no [such] nodes".
    pub(super) fn prune(&mut self, depth: usize) {
        while let Some(childless) = self
            .nodes
            .iter()
            .find(|node| {
                node.depth <= depth && !self.nodes.iter().any(|it| it.parent == Some(node.id))
            })
            .cloned()
        {
            self.nodes.retain(|node| node.id != childless.id);
        }
    }

    fn add(
        &mut self,
        parent: Option<usize>,
        depth: usize,
        valid_policy: ObjectIdentifier,
        expected_policy_set: Vec<ObjectIdentifier>,
    ) {
        self.nodes.push(Node {
            depth,
            valid_policy,
            expected_policy_set,
            id: self.made,
            parent,
        });
        self.made += 1;
    }
}
