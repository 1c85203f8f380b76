"""Tests of the GraphQL machinery."""
