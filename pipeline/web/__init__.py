"""The dashboard and the API: what the store holds, as pages, pictures and JSON. Needs the extra `web`."""
