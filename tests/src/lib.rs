//! Whole-system tests against real clients and faults.
