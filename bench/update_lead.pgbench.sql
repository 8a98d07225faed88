-- The work of Update Lead, one statement at a time. The lead is always of the younger half. Of a hundred, four change
-- nothing, ten move the cluster's state and tags, two its golden mark. In the JSON a space follows each colon: a name
-- right behind one would be a variable's.
\set dealership random(1, 20)
\set lead_id @idle@ + :dealership - 1 + 20 * random(1, @most@)
\set site :dealership - 1 + 20 * random(1, 2)
\set car :dealership - 1 + 20 * random(1, 900)
\set person :dealership - 1 + 20 * random(1, 20)
\set number random(0, 9999999)
\set kind random(0, 99)
\set marked random(0, 1)
\set idle :kind < 4
\set moving :kind >= 4 and :kind < 14
\set marking :kind >= 14 and :kind < 16
begin;
select id, permissions from api_key where token_hash = decode('@hash@', 'hex') and revoked_at is null and (expires_at is null or expires_at > now());
select dealership_id from api_key_dealership where api_key_id = 1;
select id, dealership_id, lead_cluster_id, version, created_at, updated_at, name, last_name, email, email_normalised, phone, phone_e164, message, dob, customer_address, category, source, marketing_source, website_id, page_id, location_id, car_id, stocknum, model_id, model_variant_id, colour_id, team_member_id, user_id, user_email, provider, provider_id, certified, golden, lead_state, sms_verified, tags, opt_in_to_marketing, opt_in_to_marketing_at, opt_in_to_marketing_api_key_id, send_customer_email, delay_customer_email_minutes, delay_dealership_notification_minutes, disable_strict_validation, time_on_site_seconds, time_to_submit_seconds, address_attributes, fields, charge_breakdown, extra from lead where id = :lead_id for no key update;
select id, slug, country from dealership where id = :dealership;
select golden, state, user_id, location_id, tags, by_hand, conflicts from lead_cluster where dealership_id = :dealership and id = :lead_id;
select id, sms_verified, opt_in_to_marketing, erased_at from contact where dealership_id = :dealership and lead_cluster_id = :lead_id;
select id from website where dealership_id = :dealership and slug = 'site-' || :site;
select id from location where dealership_id = :dealership and id = :site;
select id from page where dealership_id = :dealership and id = :site;
select id from car where dealership_id = :dealership and lower(stocknum) = lower('S' || :car) order by id desc limit 1;
select member.user_id from user_account as person join dealership_user as member on member.user_id = person.id and member.dealership_id = :dealership where person.email = 'user' || :person || '@example.com';
select id, file_type, filename, content_type, size, sha256, created_at from lead_file where dealership_id = :dealership and lead_id = :lead_id;
select id, amount, car_id, payment_processor_id, external_transaction_id, created_at from payment where dealership_id = :dealership and lead_id = :lead_id;
\if :idle
\else
\if :marking
update lead_cluster set version = version + 1, updated_at = now(), golden = (:marked = 1) where dealership_id = :dealership and id = :lead_id;
\endif
\if :moving
update lead_cluster set version = version + 1, updated_at = now(), state = 'contacted', tags = tags || array(select tag from unnest(array['tag' || :number % 50, 'walk' || :number % 47]) as tag where tag <> all (tags)) where dealership_id = :dealership and id = :lead_id;
\endif
update lead set version = version + 1, updated_at = now(), name = 'Customer ' || :number, last_name = 'Name ' || :number % 997, email = 'customer' || :lead_id || '@example.com', email_normalised = 'customer' || :lead_id || '@example.com', phone = '041' || lpad(:number::text, 7, '0'), phone_e164 = '+6141' || lpad(:number::text, 7, '0'), message = 'I saw the car on your site and would like to know more about it. Is it still there, has it had one owner only, and may I come for a test drive on Saturday morning? I would trade in my own car, which is seven years old. My reference is ' || :number, dob = date '1980-01-01' + :number % 28, customer_address = :number % 400 || ' Fake Street, Melbourne', category = (array['New Vehicle Enquiry', 'Used Vehicle Enquiry', 'Finance Enquiry'])[1 + :number % 3], source = (array['Website', 'Carsales', 'Facebook'])[1 + :number % 3], marketing_source = 'Organic', website_id = :site, page_id = :site, location_id = :site, car_id = :car, stocknum = 'S' || :car, user_id = :person, user_email = 'user' || :person || '@example.com', provider = 'Provider ' || :number % 10, provider_id = 'P' || :number, certified = (:marked = 1), lead_state = case when :moving then 'contacted' else lead_state end, tags = case when :moving then array['tag' || :number % 50, 'walk' || :number % 47] else tags end, opt_in_to_marketing = (:marked = 1), opt_in_to_marketing_at = now(), opt_in_to_marketing_api_key_id = 1, send_customer_email = false, delay_customer_email_minutes = :number % 60, delay_dealership_notification_minutes = :number % 60, disable_strict_validation = false, time_on_site_seconds = :number % 900, time_to_submit_seconds = :number % 300, address_attributes = '{"street": "1 Fake Street","city": "Melbourne","state": "VIC","state_long": "Victoria","postcode": 3000,"country": "Australia"}', fields = '{"utm_campaign": "spring-1","utm_medium": "cpc","utm_source": "newsletter","utm_content": "banner-1"}', charge_breakdown = '{"total": {"amount": 50}}' where dealership_id = :dealership and id = :lead_id returning version, lead_cluster_id \gset
insert into marketing_consent (dealership_id, contact_id, lead_id, value, given_at, api_key_id, source) select dealership_id, id, :lead_id, (:marked = 1), now(), 1, 'Website' from contact where dealership_id = :dealership and lead_cluster_id = :lead_id and opt_in_to_marketing is distinct from (:marked = 1);
update contact set name = 'Customer ' || :number, last_name = 'Name ' || :number % 997, dob = date '1980-01-01' + :number % 28, customer_address = :number % 400 || ' Fake Street, Melbourne', address_attributes = '{"street": "1 Fake Street","city": "Melbourne","state": "VIC","state_long": "Victoria","postcode": 3000,"country": "Australia"}', opt_in_to_marketing = (:marked = 1) where dealership_id = :dealership and lead_cluster_id = :lead_id;
insert into contact_point (dealership_id, kind, value, contact_id) values (:dealership, 'phone', '+6141' || lpad(:number::text, 7, '0'), :lead_id) on conflict do nothing;
insert into possible_duplicate (dealership_id, lead_cluster_id, other_lead_cluster_id, reasons) select :dealership, least(other.id, :lead_id), greatest(other.id, :lead_id), jsonb_build_array(jsonb_build_object('kind', 'phone', 'value', point.value, 'lead_id', :lead_id::bigint, 'at', now())) from contact_point as point join contact on contact.dealership_id = point.dealership_id and contact.id = point.contact_id join lead_cluster as other on other.dealership_id = contact.dealership_id and other.id = contact.lead_cluster_id where point.dealership_id = :dealership and point.kind = 'phone' and point.value = '+6141' || lpad(:number::text, 7, '0') and other.id <> :lead_id and other.merged_into_id is null and not is_stopped(:dealership, 'phone', point.value) on conflict do nothing;
\if :moving
delete from lead_tag where dealership_id = :dealership and lead_id = :lead_id;
insert into lead_tag select :dealership, tag, created_at, id from lead cross join unnest(tags) as tag where dealership_id = :dealership and id = :lead_id;
\endif
insert into event (dealership_id, lead_cluster_id, lead_id, lead_version, kind, occurred_at, api_key_id, request_id, changes) values (:dealership, :lead_cluster_id, :lead_id, :version, 'lead.updated', now(), 1, 'pgbench', '@changes@');
\endif
commit;
