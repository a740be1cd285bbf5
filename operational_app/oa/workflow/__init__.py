"""Approvals of any document: definitions as data, requests under way, tasks, decisions with their facts, deputies."""
