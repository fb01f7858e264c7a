-- Everything the sandbox remembers. Times are UNIX seconds (REAL), structures are JSON text.
CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS businesses (id TEXT PRIMARY KEY, name TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS apps (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, secret TEXT NOT NULL, created_at REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS wabas (
    id TEXT PRIMARY KEY, business_id TEXT NOT NULL, name TEXT NOT NULL, currency TEXT NOT NULL,
    country TEXT NOT NULL, timezone_id TEXT NOT NULL, namespace TEXT NOT NULL, created_at REAL NOT NULL
);

CREATE TABLE IF NOT EXISTS phone_numbers (
    id TEXT PRIMARY KEY, waba_id TEXT NOT NULL, wa_id TEXT NOT NULL, display_phone_number TEXT NOT NULL,
    verified_name TEXT NOT NULL, status TEXT NOT NULL, quality_rating TEXT NOT NULL,
    code_verification_status TEXT NOT NULL, name_status TEXT NOT NULL, account_mode TEXT NOT NULL,
    throughput_level TEXT NOT NULL, messaging_limit TEXT NOT NULL, pin TEXT, profile TEXT NOT NULL,
    code_requested_at REAL, override_callback_uri TEXT, override_app_id TEXT, new_display_name TEXT,
    created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS phone_numbers_waba ON phone_numbers (waba_id);

CREATE TABLE IF NOT EXISTS registrations (phone_number_id TEXT NOT NULL, at REAL NOT NULL);

CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, app_id TEXT NOT NULL, user_id TEXT NOT NULL, user_name TEXT NOT NULL,
    scopes TEXT NOT NULL, target_ids TEXT, issued_at REAL NOT NULL, expires_at REAL NOT NULL,
    is_revoked INTEGER NOT NULL DEFAULT 0, data_access_expires_at REAL NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS subscribed_apps (
    waba_id TEXT NOT NULL, app_id TEXT NOT NULL, override_callback_uri TEXT, PRIMARY KEY (waba_id, app_id)
);

CREATE TABLE IF NOT EXISTS app_subscriptions (
    app_id TEXT NOT NULL, object TEXT NOT NULL, callback_url TEXT NOT NULL, fields TEXT NOT NULL,
    PRIMARY KEY (app_id, object)
);

CREATE TABLE IF NOT EXISTS message_templates (
    id TEXT PRIMARY KEY, waba_id TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL,
    category TEXT NOT NULL, status TEXT NOT NULL, parameter_format TEXT NOT NULL, components TEXT NOT NULL,
    rejected_reason TEXT NOT NULL, quality_score TEXT NOT NULL, extra TEXT NOT NULL, edited_at TEXT NOT NULL,
    created_at REAL NOT NULL, updated_at REAL NOT NULL, deleted_at REAL, was_approved INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS message_templates_name
    ON message_templates (waba_id, name, language) WHERE deleted_at IS NULL;

CREATE TABLE IF NOT EXISTS customers (
    business_id TEXT NOT NULL, wa_id TEXT NOT NULL, user_id TEXT NOT NULL, name TEXT NOT NULL, username TEXT,
    reads_messages INTEGER NOT NULL DEFAULT 1, is_opted_out INTEGER NOT NULL DEFAULT 0,
    has_blocked INTEGER NOT NULL DEFAULT 0, is_on_whatsapp INTEGER NOT NULL DEFAULT 1,
    hides_phone INTEGER NOT NULL DEFAULT 0, is_listed INTEGER NOT NULL DEFAULT 0,
    is_offline INTEGER NOT NULL DEFAULT 0, identity INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (business_id, wa_id)
);
CREATE UNIQUE INDEX IF NOT EXISTS customers_user ON customers (business_id, user_id);

CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, wamid TEXT NOT NULL UNIQUE, phone_number_id TEXT NOT NULL, wa_id TEXT NOT NULL,
    direction TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL, payload TEXT NOT NULL,
    callback_data TEXT, to_user_id TEXT, pricing TEXT, error TEXT, created_at REAL NOT NULL,
    sent_at REAL, delivered_at REAL, read_at REAL, held_for TEXT, ttl_s REAL,
    waits_for_phone INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS messages_thread ON messages (phone_number_id, wa_id, id);

-- Whom a portfolio last wrote to with a message template outside a window (counted while that limit is on).
CREATE TABLE IF NOT EXISTS reached (
    business_id TEXT NOT NULL, wa_id TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (business_id, wa_id)
);
CREATE INDEX IF NOT EXISTS reached_lately ON reached (business_id, at);

CREATE TABLE IF NOT EXISTS windows (
    phone_number_id TEXT NOT NULL, wa_id TEXT NOT NULL, last_inbound_at REAL NOT NULL,
    PRIMARY KEY (phone_number_id, wa_id)
);

-- Up to which message the person at the page has looked at a conversation.
CREATE TABLE IF NOT EXISTS seen (
    phone_number_id TEXT NOT NULL, wa_id TEXT NOT NULL, message_id INTEGER NOT NULL,
    PRIMARY KEY (phone_number_id, wa_id)
);

-- Since when the business types to a customer.
CREATE TABLE IF NOT EXISTS typing (
    phone_number_id TEXT NOT NULL, wa_id TEXT NOT NULL, started_at REAL NOT NULL,
    PRIMARY KEY (phone_number_id, wa_id)
);

CREATE TABLE IF NOT EXISTS timers (
    id INTEGER PRIMARY KEY, due_at REAL NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS timers_due ON timers (due_at, id);

CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, app_id TEXT, url TEXT, waba_id TEXT NOT NULL, phone_number_id TEXT, wa_id TEXT,
    field TEXT NOT NULL, summary TEXT NOT NULL, lane INTEGER NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at REAL NOT NULL, last_result TEXT, created_at REAL NOT NULL,
    delivered_at REAL, batch INTEGER NOT NULL DEFAULT 1, answer TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at, id) WHERE state = 'pending';

CREATE TABLE IF NOT EXISTS delivery_attempts (
    id INTEGER PRIMARY KEY, delivery_id INTEGER NOT NULL, at REAL NOT NULL, result TEXT NOT NULL, answer TEXT
);
CREATE INDEX IF NOT EXISTS delivery_attempts_of ON delivery_attempts (delivery_id);

CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, remaining INTEGER, every INTEGER NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0, match TEXT NOT NULL, options TEXT NOT NULL, created_at REAL NOT NULL,
    percent INTEGER NOT NULL DEFAULT 100, until_at REAL
);

CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL,
    body TEXT NOT NULL, http_status INTEGER NOT NULL, error_code INTEGER, fault TEXT, wamid TEXT, recipient TEXT,
    phone_number_id TEXT, seconds REAL NOT NULL, answer TEXT
);

CREATE TABLE IF NOT EXISTS media (
    id TEXT PRIMARY KEY, waba_id TEXT NOT NULL, phone_number_id TEXT NOT NULL, mime_type TEXT NOT NULL,
    sha256 TEXT NOT NULL, size INTEGER NOT NULL, filename TEXT, data BLOB NOT NULL, created_at REAL NOT NULL,
    expires_at REAL NOT NULL
);

-- What callers keep at a node (settings, switches, conditions an operator set), by name.
CREATE TABLE IF NOT EXISTS node_settings (
    node_id TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (node_id, name)
);

-- Things counted within a time (codes asked for, wrong PINs).
CREATE TABLE IF NOT EXISTS node_events (node_id TEXT NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS node_events_of ON node_events (node_id, kind, at);

-- Resumable uploads and the handles they end in: apart from media, so that one cannot pass for the other.
CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY, app_id TEXT NOT NULL, file_name TEXT, file_type TEXT NOT NULL,
    file_length INTEGER NOT NULL, data BLOB NOT NULL, handle TEXT, created_at REAL NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS uploads_handle ON uploads (handle) WHERE handle IS NOT NULL;

CREATE TABLE IF NOT EXISTS flows (
    id TEXT PRIMARY KEY, waba_id TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
    categories TEXT NOT NULL, json TEXT, published_json TEXT, endpoint_uri TEXT, application_id TEXT,
    validation_errors TEXT NOT NULL, preview_key TEXT NOT NULL, preview_expires_at REAL NOT NULL,
    created_at REAL NOT NULL, updated_at REAL NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS flows_name ON flows (waba_id, name);

CREATE TABLE IF NOT EXISTS blocked_users (
    id INTEGER PRIMARY KEY, phone_number_id TEXT NOT NULL, wa_id TEXT NOT NULL, UNIQUE (phone_number_id, wa_id)
);

CREATE TABLE IF NOT EXISTS qr_codes (
    id TEXT PRIMARY KEY, phone_number_id TEXT NOT NULL, prefilled_message TEXT NOT NULL, created_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS qr_codes_of ON qr_codes (phone_number_id, created_at);

-- Codes of an Embedded Signup: 30 seconds, one use.
CREATE TABLE IF NOT EXISTS signup_codes (
    code TEXT PRIMARY KEY, app_id TEXT NOT NULL, waba_id TEXT NOT NULL, expires_at REAL NOT NULL
);

-- A Flow being filled in: of one message and customer, or a preview (no wamid). `step` counts the taps.
CREATE TABLE IF NOT EXISTS flow_runs (
    id TEXT PRIMARY KEY, waba_id TEXT NOT NULL, flow_id TEXT, phone_number_id TEXT, wamid TEXT, wa_id TEXT,
    flow_json TEXT NOT NULL, setup TEXT NOT NULL, state TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 0,
    created_at REAL NOT NULL, updated_at REAL NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS flow_runs_message ON flow_runs (wamid, wa_id) WHERE wamid IS NOT NULL;
