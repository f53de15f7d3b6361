-- Accounting: sessions, usage, and what keeps the network as the subscriptions are.
-- MariaDB commits each of these by itself: every statement can run again without harm.

-- What happens where all simultaneous sessions are taken.
ALTER TABLE packages ADD COLUMN IF NOT EXISTS simultaneous_policy VARCHAR(20) NOT NULL DEFAULT 'reject-new'
    CHECK (simultaneous_policy IN ('reject-new', 'replace-old'));
-- Its Acct-Input-Octets count what it sends to the subscriber.
ALTER TABLE nas ADD COLUMN IF NOT EXISTS swap_octets INTEGER NOT NULL DEFAULT 0 CHECK (swap_octets IN (0, 1));

-- How far the applier is in each node's journal: written in the transaction of each batch.
CREATE TABLE IF NOT EXISTS journals(
    id CHAR(36) NOT NULL PRIMARY KEY,
    applied BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Series of numbers that people see.
CREATE TABLE IF NOT EXISTS numbers(
    series VARCHAR(50) NOT NULL PRIMARY KEY,
    next_number BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT IGNORE INTO numbers(series, next_number) VALUES ('session', 1), ('disconnect_request', 1);

-- Sessions that are open, or were closed not long ago; later they are in session_history_YYYYMM, which the
-- program makes. Addresses are networks with their prefix length in canonical form, so that one index finds
-- both an address and the prefix that it is in. `acct_key` is a fingerprint of nas_key and acct_session_id:
-- routers count their sessions from the same number, so that the id alone finds those of all routers.
CREATE TABLE IF NOT EXISTS sessions(
    id BIGINT NOT NULL PRIMARY KEY,
    nas_id CHAR(36) NOT NULL,
    nas_key VARCHAR(90) NOT NULL,
    source VARCHAR(50) NOT NULL,
    username VARCHAR(253) NOT NULL,
    username_key VARCHAR(253) NOT NULL,
    subscription_id CHAR(36),
    acct_session_id VARCHAR(253) NOT NULL,
    acct_key BIGINT NOT NULL,
    login_id CHAR(36),
    started_at BIGINT NOT NULL,
    start_seen INTEGER NOT NULL,
    framed_ip VARCHAR(50),
    framed_ipv6_prefix VARCHAR(50),
    delegated_ipv6_prefix VARCHAR(50),
    nas_ip VARCHAR(50),
    nas_identifier VARCHAR(253) NOT NULL,
    nas_port BIGINT,
    nas_port_id VARCHAR(253) NOT NULL,
    calling_station_id VARCHAR(253) NOT NULL,
    called_station_id VARCHAR(253) NOT NULL,
    state VARCHAR(10) NOT NULL CHECK (state IN ('live', 'unknown', 'closed')),
    closed_by VARCHAR(20) NOT NULL,
    terminate_cause VARCHAR(50),
    stopped_at BIGINT,
    told_access VARCHAR(10),
    told_rate BIGINT,
    told_place BIGINT,
    told_until BIGINT,
    INDEX idx_sessions_acct (acct_key),
    INDEX idx_sessions_login (login_id),
    INDEX idx_sessions_subscription (subscription_id),
    INDEX idx_sessions_user (username_key, id),
    INDEX idx_sessions_nas (nas_key, state),
    INDEX idx_sessions_state (state, id),
    INDEX idx_sessions_stopped (stopped_at),
    INDEX idx_sessions_framed_ip (framed_ip, started_at),
    INDEX idx_sessions_framed_v6 (framed_ipv6_prefix, started_at),
    INDEX idx_sessions_delegated_v6 (delegated_ipv6_prefix, started_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What every packet changes of a row of `sessions`. `points`: see CounterPoint.
CREATE TABLE IF NOT EXISTS session_counters(
    id BIGINT NOT NULL PRIMARY KEY,
    last_seen_at BIGINT NOT NULL,
    heard_at BIGINT NOT NULL,
    session_time BIGINT NOT NULL,
    input_octets BIGINT NOT NULL,
    output_octets BIGINT NOT NULL,
    counted_at BIGINT NOT NULL,
    interval_seconds BIGINT NOT NULL,
    hour_start BIGINT NOT NULL,
    hour_input BIGINT NOT NULL,
    hour_output BIGINT NOT NULL,
    points VARCHAR(500) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The months of which a session_history_YYYYMM exists: "2026-11".
CREATE TABLE IF NOT EXISTS session_months(
    month CHAR(7) NOT NULL PRIMARY KEY
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Reboots and silences of NASes: see NasBoot.
CREATE TABLE IF NOT EXISTS nas_boots(
    nas_key VARCHAR(90) NOT NULL PRIMARY KEY,
    booted_at BIGINT,
    boot_digit VARCHAR(10) NOT NULL,
    digit_seen_at BIGINT NOT NULL,
    heard_at BIGINT NOT NULL,
    returned_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Usage by the hour of the business zone; hours that are old move to usage_day. No octet is in both.
CREATE TABLE IF NOT EXISTS usage_hour(
    subscription_id CHAR(36) NOT NULL,
    hour_start BIGINT NOT NULL,
    session_id BIGINT NOT NULL,
    input_octets BIGINT NOT NULL,
    output_octets BIGINT NOT NULL,
    PRIMARY KEY (subscription_id, hour_start, session_id),
    INDEX idx_usage_hour_hour (hour_start, subscription_id, session_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS usage_day(
    subscription_id CHAR(36) NOT NULL,
    day CHAR(10) NOT NULL,
    input_octets BIGINT NOT NULL,
    output_octets BIGINT NOT NULL,
    PRIMARY KEY (subscription_id, day)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Accounting that could not be applied, or not wholly; `packet` in hexadecimal.
CREATE TABLE IF NOT EXISTS accounting_quarantine(
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    journal_id CHAR(36) NOT NULL,
    sequence BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    nas_key VARCHAR(90) NOT NULL,
    username VARCHAR(253) NOT NULL,
    reason VARCHAR(50) NOT NULL,
    detail VARCHAR(1000) NOT NULL,
    packet VARCHAR(8200) NOT NULL,
    UNIQUE (journal_id, sequence)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Differences between what sessions were told and what they may have, as a node's Enforcer sees them.
CREATE TABLE IF NOT EXISTS enforcement_pending(
    node CHAR(36) NOT NULL,
    session_id BIGINT NOT NULL,
    username VARCHAR(253) NOT NULL,
    nas VARCHAR(255) NOT NULL,
    action VARCHAR(20) NOT NULL,
    reason VARCHAR(50) NOT NULL,
    since BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    last_result VARCHAR(200) NOT NULL,
    next_attempt_at BIGINT,
    PRIMARY KEY (node, session_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Every CoA and Disconnect, and how it ended.
CREATE TABLE IF NOT EXISTS dynauth_log(
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    sent_at BIGINT NOT NULL,
    session_id BIGINT NOT NULL,
    username VARCHAR(253) NOT NULL,
    nas VARCHAR(255) NOT NULL,
    action VARCHAR(20) NOT NULL,
    reason VARCHAR(50) NOT NULL,
    outcome VARCHAR(10) NOT NULL,
    error_cause INTEGER,
    words VARCHAR(200) NOT NULL,
    tries INTEGER NOT NULL,
    took_ms BIGINT NOT NULL,
    INDEX idx_dynauth_log_session (session_id, id),
    INDEX idx_dynauth_log_sent_at (sent_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Operators' wishes to end sessions.
CREATE TABLE IF NOT EXISTS disconnect_requests(
    id BIGINT NOT NULL PRIMARY KEY,
    session_id BIGINT NOT NULL,
    requested_at BIGINT NOT NULL,
    status VARCHAR(20) NOT NULL,
    words VARCHAR(200) NOT NULL,
    finished_at BIGINT,
    INDEX idx_disconnect_requests_status (status, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One row while the Enforcer cuts nobody off, since the clock stepped.
CREATE TABLE IF NOT EXISTS enforcement_pause(
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    since BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- This machine's time as a node saw it last: a clock that stepped while the node was down is seen by it.
CREATE TABLE IF NOT EXISTS node_clock(
    node CHAR(36) NOT NULL PRIMARY KEY,
    wall_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
