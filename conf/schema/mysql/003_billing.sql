-- Billing: terms of packages, state of subscriptions, documents, the ledger, payments, notifications, quota.
-- MariaDB commits each of these by itself: every statement can run again without harm.

-- Of customers: the language of what is written to them; none: notify.language.
ALTER TABLE customers ADD COLUMN IF NOT EXISTS language VARCHAR(5) CHECK (language IN ('id', 'en'));

-- What the network needs of billing. `access_until`: when access ends, where that is not 24:00 of end_date.
-- `held_until`: until then nobody is cut off for money (never-cut flag, promise to pay, notice).
ALTER TABLE subscriptions ADD COLUMN IF NOT EXISTS access_until BIGINT;
ALTER TABLE subscriptions ADD COLUMN IF NOT EXISTS held_until BIGINT;
ALTER TABLE subscriptions ADD COLUMN IF NOT EXISTS dunning_stage VARCHAR(20) NOT NULL DEFAULT 'active'
    CHECK (dunning_stage IN ('active', 'due', 'grace', 'isolated', 'suspended', 'terminated'));

-- `rate_ppm`: millionths, 110000 is 11 %. `inclusive`: prices hold the tax already.
CREATE TABLE IF NOT EXISTS taxes(
    code VARCHAR(20) NOT NULL PRIMARY KEY,
    name VARCHAR(100) NOT NULL,
    rate_ppm INTEGER NOT NULL CHECK (rate_ppm BETWEEN 0 AND 1000000),
    inclusive INTEGER NOT NULL CHECK (inclusive IN (0, 1)),
    created_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- How a package is billed; without a row: the defaults of BillingTerms.
CREATE TABLE IF NOT EXISTS package_terms(
    package_id CHAR(36) NOT NULL PRIMARY KEY,
    billing VARCHAR(10) NOT NULL CHECK (billing IN ('prepaid', 'postpaid')),
    invoice_at VARCHAR(10) NOT NULL CHECK (invoice_at IN ('start', 'end')),
    first_period VARCHAR(10) NOT NULL CHECK (first_period IN ('prorate', 'free', 'full')),
    late_renewal VARCHAR(20) NOT NULL CHECK (late_renewal IN ('from-payment', 'from-end')),
    while_suspended VARCHAR(10) NOT NULL CHECK (while_suspended IN ('continue', 'stop', 'credit')),
    trial_days INTEGER NOT NULL CHECK (trial_days >= 0),
    invoice_days INTEGER NOT NULL CHECK (invoice_days >= 0),
    due_days INTEGER NOT NULL CHECK (due_days >= 0),
    tax_code VARCHAR(20),
    grace_days INTEGER NOT NULL CHECK (grace_days >= 0),
    suspend_days INTEGER CHECK (suspend_days >= 0),
    terminate_days INTEGER CHECK (terminate_days >= 0),
    notice_days INTEGER NOT NULL CHECK (notice_days >= 0),
    tolerance BIGINT NOT NULL CHECK (tolerance >= 0),
    no_cut_weekdays VARCHAR(30) NOT NULL,
    cut_from_minute INTEGER NOT NULL CHECK (cut_from_minute BETWEEN 0 AND 1439),
    cut_until_minute INTEGER NOT NULL CHECK (cut_until_minute BETWEEN 1 AND 1440),
    remind_days VARCHAR(50) NOT NULL,
    FOREIGN KEY (package_id) REFERENCES packages(id) ON DELETE CASCADE,
    FOREIGN KEY (tax_code) REFERENCES taxes(code) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Fair use and caps. Weights in percent; minutes of the day in the business zone, equal: no free window.
CREATE TABLE IF NOT EXISTS package_quotas(
    package_id CHAR(36) NOT NULL PRIMARY KEY,
    quota_period VARCHAR(20) NOT NULL CHECK (quota_period IN ('day', 'billing-period', 'month')),
    upload_weight INTEGER NOT NULL CHECK (upload_weight BETWEEN 0 AND 1000),
    download_weight INTEGER NOT NULL CHECK (download_weight BETWEEN 0 AND 1000),
    free_from_hour INTEGER NOT NULL CHECK (free_from_hour BETWEEN 0 AND 23),
    free_until_hour INTEGER NOT NULL CHECK (free_until_hour BETWEEN 0 AND 23),
    on_package_change VARCHAR(10) NOT NULL CHECK (on_package_change IN ('keep', 'reset')),
    FOREIGN KEY (package_id) REFERENCES packages(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- From so many octets on this rate; NULL: no access (cap), the last one.
CREATE TABLE IF NOT EXISTS package_quota_tiers(
    package_id CHAR(36) NOT NULL,
    from_octets BIGINT NOT NULL CHECK (from_octets > 0),
    rate_limit VARCHAR(200),
    PRIMARY KEY (package_id, from_octets),
    FOREIGN KEY (package_id) REFERENCES packages(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Days on which nobody is cut off.
CREATE TABLE IF NOT EXISTS holidays(
    day CHAR(10) NOT NULL PRIMARY KEY,
    name VARCHAR(100) NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What billing knows of a subscription: see BillingState. `bill_at`: when the run has to look next; NULL:
-- never.
CREATE TABLE IF NOT EXISTS subscription_billing(
    subscription_id CHAR(36) NOT NULL PRIMARY KEY,
    bill_at BIGINT,
    anchor_day INTEGER CHECK (anchor_day BETWEEN 1 AND 31),
    billed_until CHAR(10),
    rated_from CHAR(10),
    paid_until_at BIGINT,
    next_package_id CHAR(36),
    next_package_at BIGINT,
    cancel_on CHAR(10),
    cancelled_on CHAR(10),
    paused_on CHAR(10),
    pause_until CHAR(10),
    never_cut_until CHAR(10),
    never_cut_reason VARCHAR(200),
    promise_until CHAR(10),
    notice_until CHAR(10),
    held_from CHAR(10),
    stage_since BIGINT,
    stopped_on CHAR(10),
    parked_reason VARCHAR(500),
    parked_at BIGINT,
    FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE CASCADE,
    FOREIGN KEY (next_package_id) REFERENCES packages(id) ON DELETE RESTRICT,
    INDEX idx_subscription_billing_bill_at (bill_at, subscription_id),
    INDEX idx_subscription_billing_next_package_id (next_package_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT IGNORE INTO subscription_billing(subscription_id, bill_at) SELECT id, 0 FROM subscriptions;

-- A part of the price of each recurring line: `rate_ppm` millionths, or `amount` minor units.
CREATE TABLE IF NOT EXISTS discounts(
    id CHAR(36) NOT NULL PRIMARY KEY,
    subscription_id CHAR(36) NOT NULL,
    name VARCHAR(100) NOT NULL,
    rate_ppm INTEGER CHECK (rate_ppm BETWEEN 1 AND 1000000),
    amount BIGINT CHECK (amount > 0),
    starts_on CHAR(10) NOT NULL,
    ends_on CHAR(10),
    created_at BIGINT NOT NULL,
    CHECK ((rate_ppm IS NULL) <> (amount IS NULL)),
    FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE RESTRICT,
    INDEX idx_discounts_subscription_id (subscription_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Waits for the next invoice of the subscription; negative: a credit.
CREATE TABLE IF NOT EXISTS pending_charges(
    id CHAR(36) NOT NULL PRIMARY KEY,
    subscription_id CHAR(36) NOT NULL,
    kind VARCHAR(20) NOT NULL CHECK (kind IN ('recurring', 'credit', 'charge')),
    description VARCHAR(200) NOT NULL,
    amount BIGINT NOT NULL,
    period_start CHAR(10),
    period_end CHAR(10),
    invoice_id CHAR(36),
    created_at BIGINT NOT NULL,
    FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE RESTRICT,
    INDEX idx_pending_charges_subscription_id (subscription_id, invoice_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The last number given, by series and year: no gap and no number twice.
CREATE TABLE IF NOT EXISTS document_numbers(
    series VARCHAR(20) NOT NULL,
    year INTEGER NOT NULL,
    last_number BIGINT NOT NULL,
    PRIMARY KEY (series, year)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- No program has written to these three before this script.
DROP TABLE IF EXISTS billing_logs;
DROP TABLE IF EXISTS invoice_lines;
DROP TABLE IF EXISTS payments;
DROP TABLE IF EXISTS invoices;

-- Issued documents. Nothing but outstanding, status, period_key, voided_at, void_reason and the payment link
-- may change. `period_key` makes one invoice a subscription and period; a void one gives it up. `total` of a
-- credit note is what it gives back, positive.
CREATE TABLE IF NOT EXISTS invoices(
    id CHAR(36) NOT NULL PRIMARY KEY,
    kind VARCHAR(20) NOT NULL CHECK (kind IN ('invoice', 'credit_note')),
    number VARCHAR(40) NOT NULL UNIQUE,
    customer_id CHAR(36) NOT NULL,
    subscription_id CHAR(36),
    period_key VARCHAR(30),
    period_start CHAR(10),
    period_end CHAR(10),
    issued_at BIGINT NOT NULL,
    issue_date CHAR(10) NOT NULL,
    due_date CHAR(10) NOT NULL,
    currency CHAR(3) NOT NULL,
    net BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    total BIGINT NOT NULL,
    outstanding BIGINT NOT NULL CHECK (outstanding >= 0),
    status VARCHAR(20) NOT NULL CHECK (status IN ('unpaid', 'paid', 'void')),
    credits_invoice_id CHAR(36),
    voided_at BIGINT,
    void_reason VARCHAR(200),
    payment_reference VARCHAR(255),
    payment_url VARCHAR(500),
    CHECK (net + tax = total),
    UNIQUE (subscription_id, period_key),
    FOREIGN KEY (customer_id) REFERENCES customers(id) ON DELETE RESTRICT,
    FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE RESTRICT,
    FOREIGN KEY (credits_invoice_id) REFERENCES invoices(id) ON DELETE RESTRICT,
    INDEX idx_invoices_customer_id (customer_id, status, due_date),
    INDEX idx_invoices_status (status, due_date),
    INDEX idx_invoices_issue_date (issue_date, id),
    INDEX idx_invoices_credits_invoice_id (credits_invoice_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TRIGGER IF NOT EXISTS invoices_stay BEFORE DELETE ON invoices FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an issued document stays';
CREATE TRIGGER IF NOT EXISTS invoices_are_issued BEFORE UPDATE ON invoices FOR EACH ROW
    IF NOT (NEW.id <=> OLD.id AND
    NEW.kind <=> OLD.kind AND
    NEW.number <=> OLD.number AND
    NEW.customer_id <=> OLD.customer_id AND
    NEW.subscription_id <=> OLD.subscription_id AND
    NEW.period_start <=> OLD.period_start AND
    NEW.period_end <=> OLD.period_end AND
    NEW.issued_at <=> OLD.issued_at AND
    NEW.issue_date <=> OLD.issue_date AND
    NEW.due_date <=> OLD.due_date AND
    NEW.currency <=> OLD.currency AND
    NEW.net <=> OLD.net AND
    NEW.tax <=> OLD.tax AND
    NEW.total <=> OLD.total AND
    NEW.credits_invoice_id <=> OLD.credits_invoice_id)
    THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an issued document does not change'; END IF;

CREATE TABLE IF NOT EXISTS invoice_lines(
    invoice_id CHAR(36) NOT NULL,
    position INTEGER NOT NULL,
    kind VARCHAR(20) NOT NULL CHECK (kind IN ('recurring', 'credit', 'charge', 'discount')),
    description VARCHAR(200) NOT NULL,
    subscription_id CHAR(36),
    period_start CHAR(10),
    period_end CHAR(10),
    amount BIGINT NOT NULL,
    net BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    tax_code VARCHAR(20),
    tax_rate_ppm INTEGER NOT NULL,
    PRIMARY KEY (invoice_id, position),
    FOREIGN KEY (invoice_id) REFERENCES invoices(id) ON DELETE RESTRICT,
    INDEX idx_invoice_lines_subscription_id (subscription_id, period_end)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TRIGGER IF NOT EXISTS invoice_lines_stay BEFORE DELETE ON invoice_lines FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an issued document stays';
CREATE TRIGGER IF NOT EXISTS invoice_lines_are_issued BEFORE UPDATE ON invoice_lines FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an issued document does not change';

-- Money that came in, and what became of it: a refund or reversal is a row of its own, about another one.
-- `amount` is positive always. Without a customer it waits in suspense until a match, which is a row too.
CREATE TABLE IF NOT EXISTS payments(
    id CHAR(36) NOT NULL PRIMARY KEY,
    kind VARCHAR(20) NOT NULL CHECK (kind IN ('payment', 'match', 'refund', 'reversal')),
    source VARCHAR(50) NOT NULL,
    reference VARCHAR(190) NOT NULL,
    customer_id CHAR(36),
    invoice_id CHAR(36),
    subscription_id CHAR(36),
    of_payment_id CHAR(36),
    method VARCHAR(20) NOT NULL CHECK (method IN ('cash', 'transfer', 'qris', 'ewallet', 'other')),
    amount BIGINT NOT NULL CHECK (amount > 0),
    currency CHAR(3) NOT NULL,
    paid_at BIGINT NOT NULL,
    note VARCHAR(200) NOT NULL,
    -- Who typed it, or told it: as in audit_log.actor.
    entered_by VARCHAR(100) NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    UNIQUE (source, reference),
    FOREIGN KEY (customer_id) REFERENCES customers(id) ON DELETE RESTRICT,
    FOREIGN KEY (invoice_id) REFERENCES invoices(id) ON DELETE RESTRICT,
    FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE RESTRICT,
    FOREIGN KEY (of_payment_id) REFERENCES payments(id) ON DELETE RESTRICT,
    INDEX idx_payments_customer_id (customer_id, id),
    INDEX idx_payments_invoice_id (invoice_id),
    INDEX idx_payments_subscription_id (subscription_id),
    INDEX idx_payments_of_payment_id (of_payment_id),
    INDEX idx_payments_paid_at (paid_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TRIGGER IF NOT EXISTS payments_stay BEFORE DELETE ON payments FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a payment stays';
CREATE TRIGGER IF NOT EXISTS payments_are_final BEFORE UPDATE ON payments FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a payment does not change';

-- The ledger: the rows of one transaction_id and currency sum to zero. Debit is positive.
CREATE TABLE IF NOT EXISTS ledger_postings(
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    transaction_id CHAR(36) NOT NULL,
    kind VARCHAR(20) NOT NULL,
    posted_at BIGINT NOT NULL,
    day CHAR(10) NOT NULL,
    account VARCHAR(40) NOT NULL,
    customer_id CHAR(36),
    invoice_id CHAR(36),
    payment_id CHAR(36),
    amount BIGINT NOT NULL,
    currency CHAR(3) NOT NULL,
    INDEX idx_ledger_postings_transaction_id (transaction_id),
    INDEX idx_ledger_postings_customer_id (customer_id, account),
    INDEX idx_ledger_postings_invoice_id (invoice_id),
    INDEX idx_ledger_postings_payment_id (payment_id),
    INDEX idx_ledger_postings_day (day, account)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TRIGGER IF NOT EXISTS ledger_is_kept BEFORE DELETE ON ledger_postings FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the ledger is append-only';
CREATE TRIGGER IF NOT EXISTS ledger_is_append_only BEFORE UPDATE ON ledger_postings FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the ledger is append-only';

-- One row an event of billing: see BillingEvent. `meta` is JSON.
CREATE TABLE IF NOT EXISTS billing_logs(
    id CHAR(36) NOT NULL PRIMARY KEY,
    customer_id CHAR(36),
    subscription_id CHAR(36),
    invoice_id CHAR(36),
    payment_id CHAR(36),
    action VARCHAR(40) NOT NULL,
    message VARCHAR(500) NOT NULL,
    meta VARCHAR(4000) NOT NULL,
    created_at BIGINT NOT NULL,
    INDEX idx_billing_logs_customer_id (customer_id, id),
    INDEX idx_billing_logs_subscription_id (subscription_id, id),
    INDEX idx_billing_logs_created_at (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who did what, with the thing before and after as JSON (no secret in it).
CREATE TABLE IF NOT EXISTS audit_log(
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    done_at BIGINT NOT NULL,
    actor VARCHAR(100) NOT NULL,
    action VARCHAR(50) NOT NULL,
    entity VARCHAR(30) NOT NULL,
    entity_id VARCHAR(100) NOT NULL,
    before_json MEDIUMTEXT,
    after_json MEDIUMTEXT,
    INDEX idx_audit_log_entity (entity_id, id),
    INDEX idx_audit_log_done_at (done_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
CREATE TRIGGER IF NOT EXISTS audit_log_is_kept BEFORE DELETE ON audit_log FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only';
CREATE TRIGGER IF NOT EXISTS audit_log_is_append_only BEFORE UPDATE ON audit_log FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the audit log is append-only';

-- Notifications, written in the transaction of what they tell of. `data`: JSON of what the template needs.
CREATE TABLE IF NOT EXISTS outbox(
    id CHAR(36) NOT NULL PRIMARY KEY,
    dedupe_key VARCHAR(190) NOT NULL UNIQUE,
    template VARCHAR(40) NOT NULL,
    customer_id CHAR(36) NOT NULL,
    subscription_id CHAR(36),
    invoice_id CHAR(36),
    data VARCHAR(4000) NOT NULL,
    status VARCHAR(10) NOT NULL CHECK (status IN ('waiting', 'sent', 'dropped', 'failed')),
    attempts INTEGER NOT NULL,
    next_attempt_at BIGINT NOT NULL,
    last_result VARCHAR(500) NOT NULL,
    sent_by VARCHAR(50) NOT NULL,
    created_at BIGINT NOT NULL,
    finished_at BIGINT,
    INDEX idx_outbox_status (status, next_attempt_at, id),
    INDEX idx_outbox_customer_id (customer_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who may run something alone: the epoch grows with each new holder, and his writes check it.
CREATE TABLE IF NOT EXISTS leases(
    name VARCHAR(50) NOT NULL PRIMARY KEY,
    holder VARCHAR(100) NOT NULL,
    epoch BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
INSERT IGNORE INTO leases(name, holder, epoch, expires_at) VALUES ('billing', '', 0, 0);

CREATE TABLE IF NOT EXISTS billing_runs(
    id CHAR(36) NOT NULL PRIMARY KEY,
    as_of BIGINT NOT NULL,
    holder VARCHAR(100) NOT NULL,
    epoch BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT,
    seen BIGINT NOT NULL,
    invoiced BIGINT NOT NULL,
    renewed BIGINT NOT NULL,
    isolated BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    parked BIGINT NOT NULL,
    INDEX idx_billing_runs_started_at (started_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- How far a subscription is in its quota, as it was evaluated last. `base`: octets that do not count, since
-- the package changed after them; `carried`: of `bonus`, what was bought in earlier periods. Once
-- `period_end` has come, nothing is used.
CREATE TABLE IF NOT EXISTS quota_states(
    subscription_id CHAR(36) NOT NULL PRIMARY KEY,
    package_id CHAR(36) NOT NULL,
    period_key VARCHAR(30) NOT NULL,
    period_start BIGINT NOT NULL,
    period_end BIGINT NOT NULL,
    used BIGINT NOT NULL,
    base BIGINT NOT NULL,
    bonus BIGINT NOT NULL,
    carried BIGINT NOT NULL,
    tier INTEGER NOT NULL,
    evaluated_at BIGINT NOT NULL,
    FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- A billing period whose end was moved (a pause, a later end_date): it stays one period of the quota, from
-- its first day to the moved end (exclusive).
CREATE TABLE IF NOT EXISTS quota_periods(
    subscription_id CHAR(36) NOT NULL PRIMARY KEY,
    first_day CHAR(10) NOT NULL,
    next_day CHAR(10) NOT NULL,
    FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Bought octets: of the period in which they were bought, or with `carry` until they are used up.
CREATE TABLE IF NOT EXISTS quota_topups(
    id CHAR(36) NOT NULL PRIMARY KEY,
    subscription_id CHAR(36) NOT NULL,
    period_key VARCHAR(30) NOT NULL,
    octets BIGINT NOT NULL CHECK (octets > 0),
    carry INTEGER NOT NULL CHECK (carry IN (0, 1)),
    note VARCHAR(200) NOT NULL,
    created_at BIGINT NOT NULL,
    FOREIGN KEY (subscription_id) REFERENCES subscriptions(id) ON DELETE RESTRICT,
    INDEX idx_quota_topups_subscription_id (subscription_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
