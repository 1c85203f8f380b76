"""Why nothing is published. Apart from what uses Kafka, for every command has to know these."""


class NoKafka(Exception):
    """No broker is set."""


class BadKafkaSettings(Exception):
    """What is set does not make a connection: a file is missing, or is no certificate."""


class TopicsMissing(Exception):
    """The broker does not have the topics of this shop."""


class AnotherLog(Exception):
    """The checkpoint belongs to another log than this one."""


class SchemaRefused(Exception):
    """The registry will not have a schema: who reads the topic could not read what would be published."""
