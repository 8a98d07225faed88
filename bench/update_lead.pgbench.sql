-- The work of Update Lead, one statement at a time. The lead is always of the younger half. In the JSON a space
-- follows each colon: a name right behind one would be a variable's.
\set lead_id random(1, @half@)
\set dealership 1 + :lead_id % 20
\set pick random(1, 2)
\set site :dealership - 1 + 20 * :pick
\set car :dealership - 1 + 20 * random(1, 900)
\set person :dealership - 1 + 20 * random(1, 20)
\set number random(0, 9999999)
\set tenth :number % 10
begin;
select id, permissions from api_key where token_hash = decode('@hash@', 'hex') and revoked_at is null and (expires_at is null or expires_at > now());
select dealership_id from api_key_dealership where api_key_id = 1;
select id, dealership_id, lead_cluster_id, version, created_at, updated_at, name, last_name, email, email_normalised, phone, phone_e164, message, dob, customer_address, category, source, marketing_source, website_id, page_id, location_id, car_id, stocknum, model_id, model_variant_id, colour_id, team_member_id, user_id, user_email, provider, provider_id, certified, golden, lead_state, sms_verified, tags, opt_in_to_marketing, opt_in_to_marketing_at, opt_in_to_marketing_api_key_id, send_customer_email, delay_customer_email_minutes, delay_dealership_notification_minutes, disable_strict_validation, time_on_site_seconds, time_to_submit_seconds, address_attributes, fields, charge_breakdown, extra from lead where id = :lead_id for no key update;
select id, slug, country from dealership where id = :dealership;
select golden, state, user_id, tags from lead_cluster where dealership_id = :dealership and id = :lead_id;
select sms_verified from contact where dealership_id = :dealership and lead_cluster_id = :lead_id;
select id from website where dealership_id = :dealership and slug = 'site-' || :site;
select id from page where dealership_id = :dealership and id = :site;
select id from location where dealership_id = :dealership and id = :site;
select id from car where dealership_id = :dealership and lower(stocknum) = lower('S' || :car) order by id desc limit 1;
select member.user_id from user_account as person join dealership_user as member on member.user_id = person.id and member.dealership_id = :dealership where person.email = 'user' || :person || '@example.com';
select id, file_type, filename, content_type, size, sha256, created_at from lead_file where dealership_id = :dealership and lead_id = :lead_id;
select id, amount, car_id, payment_processor_id, external_transaction_id, created_at from payment where dealership_id = :dealership and lead_id = :lead_id;
update lead set version = version + 1, updated_at = now(), name = 'Customer ' || :number, last_name = 'Name ' || :number % 997, email = 'customer' || :lead_id || '@example.com', email_normalised = 'customer' || :lead_id || '@example.com', phone = '041' || lpad(:number::text, 7, '0'), phone_e164 = '+6141' || lpad(:number::text, 7, '0'), message = 'I saw the car on your site and would like to know more about it. ' || :number, dob = '1980-01-01', customer_address = :number % 400 || ' Fake Street, Melbourne', category = 'New Vehicle Enquiry', source = 'Website', marketing_source = 'Organic', website_id = :site, page_id = :site, location_id = :site, car_id = :car, stocknum = 'S' || :car, user_id = :person, user_email = 'user' || :person || '@example.com', provider = 'Carsales', provider_id = 'P' || :number, certified = true, opt_in_to_marketing = true, opt_in_to_marketing_at = now(), opt_in_to_marketing_api_key_id = 1, send_customer_email = false, delay_customer_email_minutes = 5, delay_dealership_notification_minutes = 6, disable_strict_validation = false, time_on_site_seconds = 70, time_to_submit_seconds = 80, address_attributes = '{"street": "1 Fake Street","city": "Melbourne","state": "VIC","state_long": "Victoria","postcode": 3000,"country": "Australia"}', fields = '{"utm_campaign": "spring-1","utm_medium": "cpc"}', charge_breakdown = '{"total": {"amount": 50}}', lead_state = case when :tenth = 0 then 'contacted' else lead_state end where dealership_id = :dealership and id = :lead_id;
insert into contact_point (dealership_id, kind, value, contact_id) values (:dealership, 'phone', '+6141' || lpad(:number::text, 7, '0'), :lead_id) on conflict do nothing;
\if :tenth
\else
update lead_cluster set version = version + 1, updated_at = now(), state = 'contacted', tags = array['hot', 'tag' || :number % 50] where dealership_id = :dealership and id = :lead_id;
delete from lead_tag where dealership_id = :dealership and lead_id = :lead_id;
insert into lead_tag select :dealership, 'tag' || :number % 50, created_at, id from lead where dealership_id = :dealership and id = :lead_id;
\endif
insert into event (dealership_id, lead_cluster_id, lead_id, lead_version, kind, occurred_at, api_key_id, request_id, changes) select dealership_id, lead_cluster_id, id, version, 'lead.updated', now(), 1, 'pgbench', '{"name": {"from": "Customer 1234567","to": "Customer 7654321"},"last_name": {"from": "Name 123","to": "Name 321"},"phone": {"from": "0412345678","to": "0412876543"},"message": {"from": "I saw the car on your site and would like to know more about it. 1234567","to": "I saw the car on your site and would like to know more about it. 7654321"},"stocknum": {"from": "S123","to": "S321"},"car_id": {"from": 123,"to": 321},"provider_id": {"from": "P1234567","to": "P7654321"},"certified": {"from": true,"to": false},"fields": {"from": {"utm_campaign": "spring-1","utm_medium": "cpc"},"to": {"utm_campaign": "spring-2","utm_medium": "cpc"}},"time_on_site_seconds": {"from": 1,"to": 2}}' from lead where dealership_id = :dealership and id = :lead_id;
commit;
