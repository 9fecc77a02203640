"""The same table five times: logged by nobody, by Tenantry, and by each library that is installed."""
