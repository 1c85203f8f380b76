"""The pages without a browser: fake APIs, a session store in memory."""
