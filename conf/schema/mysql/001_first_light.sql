-- Instants are milliseconds since 1970 UTC, days are YYYY-MM-DD in the business zone, money is minor units.
-- MariaDB commits each of these by itself: every statement can run again without harm.

-- Operators of the console. `password` holds an argon2id hash.
CREATE TABLE IF NOT EXISTS users(
    id CHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    email VARCHAR(255) NOT NULL UNIQUE,
    password VARCHAR(255) NOT NULL,
    role VARCHAR(20) NOT NULL DEFAULT 'operator' CHECK (role IN ('admin', 'operator')),
    remember_token VARCHAR(100),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS customers(
    id CHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    email VARCHAR(255),
    phone VARCHAR(50),
    address VARCHAR(1000),
    status VARCHAR(20) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'inactive', 'suspended')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    INDEX idx_customers_name (name),
    INDEX idx_customers_status (status)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- `price` in minor units of `currency`. `bandwidth`, `burst`: fields of Mikrotik-Rate-Limit.
CREATE TABLE IF NOT EXISTS packages(
    id CHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL UNIQUE,
    bandwidth VARCHAR(50) NOT NULL,
    burst VARCHAR(200),
    priority INTEGER CHECK (priority BETWEEN 1 AND 8),
    price BIGINT NOT NULL CHECK (price >= 0),
    currency CHAR(3) NOT NULL,
    type VARCHAR(20) NOT NULL DEFAULT 'pppoe' CHECK (type IN ('pppoe', 'hotspot', 'static')),
    pool VARCHAR(200),
    address_list VARCHAR(200),
    mikrotik_group VARCHAR(200),
    simultaneous_use INTEGER CHECK (simultaneous_use >= 1),
    interim_interval INTEGER CHECK (interim_interval >= 60),
    idle_timeout INTEGER CHECK (idle_timeout >= 1),
    ipv6_pool VARCHAR(200),
    delegated_ipv6_pool VARCHAR(200),
    validity_count INTEGER NOT NULL DEFAULT 1 CHECK (validity_count >= 1),
    validity_unit VARCHAR(10) NOT NULL DEFAULT 'month' CHECK (validity_unit IN ('month', 'day', 'hour')),
    on_expiry VARCHAR(20) NOT NULL DEFAULT 'isolate' CHECK (on_expiry IN ('isolate', 'reject')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- `username_key` is the user name as it is looked up: as written, but a MAC address in any format is
-- its twelve lower-case digits. `mikrotik_password` is sealed. `end_date` is the last day of access; NULL: no
-- end.
-- `framed_routes`: one a line.
CREATE TABLE IF NOT EXISTS subscriptions(
    id CHAR(36) NOT NULL PRIMARY KEY,
    customer_id CHAR(36) NOT NULL,
    package_id CHAR(36) NOT NULL,
    mikrotik_username VARCHAR(253) NOT NULL,
    username_key VARCHAR(253) NOT NULL UNIQUE,
    mikrotik_password VARCHAR(400) NOT NULL,
    start_date CHAR(10) NOT NULL,
    end_date CHAR(10),
    auto_renew INTEGER NOT NULL DEFAULT 1 CHECK (auto_renew IN (0, 1)),
    status VARCHAR(20) NOT NULL DEFAULT 'active'
        CHECK (status IN ('active', 'suspended', 'disabled', 'cancelled')),
    static_ip VARCHAR(15) UNIQUE,
    framed_routes VARCHAR(2000),
    framed_ipv6_prefix VARCHAR(50),
    delegated_ipv6_prefix VARCHAR(50),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    FOREIGN KEY (customer_id) REFERENCES customers(id) ON DELETE RESTRICT,
    FOREIGN KEY (package_id) REFERENCES packages(id) ON DELETE RESTRICT,
    INDEX idx_subscriptions_status (status),
    INDEX idx_subscriptions_end_date (end_date)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- No cascade on anything that is money.
CREATE TABLE IF NOT EXISTS invoices(
    id CHAR(36) NOT NULL PRIMARY KEY,
    subscription_id CHAR(36) NOT NULL,
    amount BIGINT NOT NULL,
    currency CHAR(3) NOT NULL,
    due_date CHAR(10) NOT NULL,
    status VARCHAR(20) NOT NULL DEFAULT 'unpaid' CHECK (status IN ('unpaid', 'paid', 'overdue', 'cancelled')),
    payment_reference VARCHAR(255),
    payment_url VARCHAR(500),
    notes VARCHAR(2000),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE RESTRICT,
    INDEX idx_invoices_status (status),
    INDEX idx_invoices_due_date (due_date)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS payments(
    id CHAR(36) NOT NULL PRIMARY KEY,
    invoice_id CHAR(36) NOT NULL,
    amount BIGINT NOT NULL,
    currency CHAR(3) NOT NULL,
    method VARCHAR(20) NOT NULL DEFAULT 'cash'
        CHECK (method IN ('cash', 'transfer', 'qris', 'ewallet', 'other')),
    source VARCHAR(50) NOT NULL DEFAULT 'manual',
    transaction_id VARCHAR(255),
    payment_date BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (source, transaction_id),
    FOREIGN KEY (invoice_id) REFERENCES invoices(id) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS billing_logs(
    id CHAR(36) NOT NULL PRIMARY KEY,
    subscription_id CHAR(36),
    invoice_id CHAR(36),
    action VARCHAR(100) NOT NULL,
    message VARCHAR(2000) NOT NULL,
    meta VARCHAR(4000),
    created_at BIGINT NOT NULL,
    FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE RESTRICT,
    FOREIGN KEY (invoice_id) REFERENCES invoices(id) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- `password` is sealed. `certificate_sha256`: the pinned certificate of api-ssl.
CREATE TABLE IF NOT EXISTS router_settings(
    id CHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL UNIQUE,
    host VARCHAR(255) NOT NULL,
    port INTEGER NOT NULL DEFAULT 8729 CHECK (port BETWEEN 1 AND 65535),
    username VARCHAR(255) NOT NULL,
    password VARCHAR(400) NOT NULL,
    use_tls INTEGER NOT NULL DEFAULT 1 CHECK (use_tls IN (0, 1)),
    certificate_sha256 CHAR(64),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The RADIUS clients (grown from radius_settings). `address` is a host or a network, IPv4 or IPv6, in
-- canonical form with its prefix length. `secret` is sealed. `message_authenticator_seen`: `auto` requires it
-- from then on.
CREATE TABLE IF NOT EXISTS nas(
    id CHAR(36) NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL UNIQUE,
    address VARCHAR(50) NOT NULL UNIQUE,
    secret VARCHAR(400) NOT NULL,
    message_authenticator VARCHAR(10) NOT NULL DEFAULT 'auto'
        CHECK (message_authenticator IN ('require', 'auto', 'off')),
    message_authenticator_seen INTEGER NOT NULL DEFAULT 0 CHECK (message_authenticator_seen IN (0, 1)),
    coa_port INTEGER NOT NULL DEFAULT 3799 CHECK (coa_port BETWEEN 1 AND 65535),
    router_id CHAR(36),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    FOREIGN KEY (router_id) REFERENCES router_settings(id) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The addresses of a NAS that is a network which have signed: `auto` requires it of each from then on.
CREATE TABLE IF NOT EXISTS nas_signers(
    nas_id CHAR(36) NOT NULL,
    address VARCHAR(50) NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (nas_id, address),
    FOREIGN KEY (nas_id) REFERENCES nas(id) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Secrets found on routers. The same user name may be on two of them. `password` is sealed.
CREATE TABLE IF NOT EXISTS mikrotik_secrets(
    id CHAR(36) NOT NULL PRIMARY KEY,
    router_id CHAR(36) NOT NULL,
    customer_id CHAR(36),
    username VARCHAR(253) NOT NULL,
    password VARCHAR(400) NOT NULL,
    service VARCHAR(20) NOT NULL DEFAULT 'pppoe' CHECK (service IN ('pppoe', 'hotspot', 'any')),
    profile VARCHAR(255),
    local_address VARCHAR(50),
    remote_address VARCHAR(50),
    comment VARCHAR(1000),
    disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (router_id, username),
    FOREIGN KEY (router_id) REFERENCES router_settings(id) ON DELETE RESTRICT,
    FOREIGN KEY (customer_id) REFERENCES customers(id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Data keys, each wrapped by the key file's key.
CREATE TABLE IF NOT EXISTS vault_keys(
    id INTEGER NOT NULL PRIMARY KEY CHECK (id BETWEEN 1 AND 255),
    wrapped VARCHAR(200) NOT NULL,
    created_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What changed in the access path's world, for the directories of all nodes. Written last in its transaction.
CREATE TABLE IF NOT EXISTS changes(
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    kind INTEGER NOT NULL,
    entity VARCHAR(253) NOT NULL,
    created_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One row a decision; the same decision again and again within one batch is one row with a count.
CREATE TABLE IF NOT EXISTS auth_log(
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    decided_at BIGINT NOT NULL,
    username VARCHAR(253) NOT NULL,
    outcome VARCHAR(10) NOT NULL,
    reason VARCHAR(50) NOT NULL,
    method VARCHAR(20) NOT NULL,
    nas VARCHAR(255) NOT NULL,
    source_address VARCHAR(50) NOT NULL,
    calling_station_id VARCHAR(253) NOT NULL,
    occurrences INTEGER NOT NULL,
    INDEX idx_auth_log_username (username, id),
    INDEX idx_auth_log_decided_at (decided_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Things an operator must know of: one row a kind and subject.
CREATE TABLE IF NOT EXISTS alarms(
    kind VARCHAR(50) NOT NULL,
    subject VARCHAR(253) NOT NULL,
    message VARCHAR(1000) NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    occurrences BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
