"""The contract of process_managers.engine.ports.Gateway, which every gateway keeps."""
