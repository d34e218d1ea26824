-- What verbs write, tried on one row each and rolled back: a trigger of the platform may want rights of its own.
UPDATE ideas SET status = CASE status WHEN 'active' THEN 'hidden' ELSE 'active' END
    WHERE id = (SELECT id FROM ideas LIMIT 1);
UPDATE ideas SET moderation_status = CASE moderation_status WHEN 'approved' THEN 'rejected' ELSE 'approved' END
    WHERE id = (SELECT id FROM ideas LIMIT 1);
UPDATE user_topics SET status = CASE status WHEN 'approved' THEN 'rejected' ELSE 'approved' END
    WHERE id = (SELECT id FROM user_topics LIMIT 1);
UPDATE scenes SET status = CASE status WHEN 'active' THEN 'hidden' ELSE 'active' END
    WHERE id = (SELECT id FROM scenes LIMIT 1);
UPDATE scenes SET bible_version = bible_version + 1 WHERE id = (SELECT id FROM scenes LIMIT 1);
UPDATE segments SET status = CASE status WHEN 'active' THEN 'hidden' ELSE 'active' END
    WHERE (id, created_at) = (SELECT id, created_at FROM segments LIMIT 1);
UPDATE moderation_flags SET status = CASE status WHEN 'dismissed' THEN 'pending' ELSE 'dismissed' END
    WHERE id = (SELECT id FROM moderation_flags LIMIT 1);
INSERT INTO moderation_flags (id, target_type, target_id, reason)
    SELECT gen_random_uuid(), 'user', id, 'other' FROM users LIMIT 1;
INSERT INTO topics (name, slug, display_order) VALUES ('greenroom', 'greenroom-' || gen_random_uuid(), 0);
INSERT INTO scene_bibles (scene_id, version, data) SELECT id, 2000000000, '{}' FROM scenes LIMIT 1;
UPDATE topics SET name = name || '.', updated_at = clock_timestamp() WHERE id = (SELECT id FROM topics LIMIT 1);
INSERT INTO categories (topic_id, name, slug, display_order)
    SELECT id, 'greenroom', 'greenroom-' || gen_random_uuid(), 0 FROM topics LIMIT 1;
UPDATE categories SET name = name || '.' WHERE id = (SELECT id FROM categories LIMIT 1);
UPDATE ideas SET topic_id = topic_id WHERE id = (SELECT id FROM ideas LIMIT 1);
UPDATE scenes SET topic_id = topic_id WHERE id = (SELECT id FROM scenes LIMIT 1);
UPDATE users SET is_active = NOT is_active WHERE id = (SELECT id FROM users LIMIT 1);
UPDATE scenes SET view_count = view_count + 1 WHERE id = (SELECT id FROM scenes LIMIT 1);
