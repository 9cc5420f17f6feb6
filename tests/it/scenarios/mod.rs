//! The five systems, told as stories. Each test is named after its rule.

mod acting;
mod boards;
mod contacts;
mod customers;
mod deletion;
mod directory;
mod email;
mod email_links;
mod erasure;
mod imports;
mod invoices;
mod lead_tracker;
mod licenses;
mod main_job;
mod mentions;
mod motions;
mod ownership;
mod partner_portal;
mod payments;
mod pictures;
mod plans;
mod rank;
mod resources;
mod retail_crm;
mod shared_boards;
mod work_platform;
