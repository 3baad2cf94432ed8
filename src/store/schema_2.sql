-- Mails and archives are sources that hold others.
ALTER TABLE source ADD COLUMN parent INTEGER REFERENCES source (id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE source ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX source_parent ON source (parent);
