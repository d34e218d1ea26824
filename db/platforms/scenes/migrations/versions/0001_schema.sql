-- The tables of the reference, with its names, checks and indexes. README.md lists where it is read, not copied.

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email varchar(255) NOT NULL UNIQUE,
    password_hash varchar(255),
    username varchar(50) NOT NULL UNIQUE,
    display_name varchar(100),
    avatar_url varchar(500),
    bio text,
    role varchar(20) NOT NULL DEFAULT 'user',
    email_verified boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_login_at timestamptz,
    CONSTRAINT users_role_check CHECK (role IN ('user', 'moderator', 'admin'))
);
CREATE INDEX idx_users_email ON users (email);
CREATE INDEX idx_users_username ON users (username);
CREATE INDEX idx_users_created_at ON users (created_at);

CREATE TABLE oauth_accounts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    provider varchar(50) NOT NULL,
    provider_id varchar(255) NOT NULL,
    access_token text,
    refresh_token text,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (provider, provider_id)
);
CREATE INDEX idx_oauth_user_id ON oauth_accounts (user_id);

CREATE TABLE topics (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name varchar(100) NOT NULL,
    slug varchar(100) NOT NULL UNIQUE,
    description text,
    icon_url varchar(500),
    is_curated boolean NOT NULL DEFAULT true,
    is_active boolean NOT NULL DEFAULT true,
    display_order integer NOT NULL DEFAULT 0,
    scene_count integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_topics_slug ON topics (slug);
CREATE INDEX idx_topics_display_order ON topics (display_order);

CREATE TABLE user_topics (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id),
    name varchar(100) NOT NULL,
    description text,
    status varchar(20) NOT NULL DEFAULT 'pending',
    reviewed_by uuid REFERENCES users (id),
    reviewed_at timestamptz,
    rejection_reason text,
    promoted_to_topic_id uuid REFERENCES topics (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT user_topics_status_check CHECK (status IN ('pending', 'approved', 'rejected'))
);
CREATE INDEX idx_user_topics_status ON user_topics (status);
CREATE INDEX idx_user_topics_user_id ON user_topics (user_id);

CREATE TABLE categories (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    topic_id uuid NOT NULL REFERENCES topics (id) ON DELETE CASCADE,
    name varchar(100) NOT NULL,
    slug varchar(100) NOT NULL,
    description text,
    display_order integer NOT NULL DEFAULT 0,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (topic_id, slug)
);
CREATE INDEX idx_categories_topic_id ON categories (topic_id);

CREATE TABLE ideas (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id),
    topic_id uuid NOT NULL REFERENCES topics (id),
    category_id uuid REFERENCES categories (id),
    title varchar(200) NOT NULL,
    prompt text NOT NULL,
    tags text[],
    status varchar(20) NOT NULL DEFAULT 'active',
    moderation_status varchar(20) NOT NULL DEFAULT 'pending',
    scene_count integer NOT NULL DEFAULT 0,
    like_count integer NOT NULL DEFAULT 0,
    view_count integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ideas_status_check CHECK (status IN ('active', 'hidden', 'removed')),
    CONSTRAINT ideas_moderation_check CHECK (moderation_status IN ('pending', 'approved', 'rejected'))
);
CREATE INDEX idx_ideas_topic_id ON ideas (topic_id);
CREATE INDEX idx_ideas_category_id ON ideas (category_id);
CREATE INDEX idx_ideas_user_id ON ideas (user_id);
CREATE INDEX idx_ideas_status ON ideas (status) WHERE status = 'active';
CREATE INDEX idx_ideas_created_at ON ideas (created_at DESC);
CREATE INDEX idx_ideas_like_count ON ideas (like_count DESC);
CREATE INDEX idx_ideas_tags ON ideas USING gin (tags);

CREATE TABLE scenes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    idea_id uuid NOT NULL REFERENCES ideas (id),
    user_id uuid NOT NULL REFERENCES users (id),
    topic_id uuid NOT NULL REFERENCES topics (id),
    title varchar(200) NOT NULL,
    description text,
    status varchar(20) NOT NULL DEFAULT 'active',
    segment_count integer NOT NULL DEFAULT 0,
    total_duration integer NOT NULL DEFAULT 0,
    contributor_count integer NOT NULL DEFAULT 0,
    view_count integer NOT NULL DEFAULT 0,
    like_count integer NOT NULL DEFAULT 0,
    thumbnail_url varchar(500),
    bible_version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    last_segment_at timestamptz,
    CONSTRAINT scenes_status_check CHECK (status IN ('active', 'hidden', 'removed', 'locked'))
);
CREATE INDEX idx_scenes_idea_id ON scenes (idea_id);
CREATE INDEX idx_scenes_user_id ON scenes (user_id);
CREATE INDEX idx_scenes_topic_id ON scenes (topic_id);
CREATE INDEX idx_scenes_status ON scenes (status) WHERE status = 'active';
CREATE INDEX idx_scenes_created_at ON scenes (created_at DESC);
CREATE INDEX idx_scenes_like_count ON scenes (like_count DESC);
CREATE INDEX idx_scenes_last_segment_at ON scenes (last_segment_at DESC);

CREATE TABLE segments (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    scene_id uuid NOT NULL,
    user_id uuid NOT NULL,
    job_id uuid NOT NULL,
    sequence integer NOT NULL,
    input_text text NOT NULL,
    expanded_script text NOT NULL,
    video_url varchar(500) NOT NULL,
    hls_playlist_url varchar(500),
    thumbnail_url varchar(500),
    duration integer NOT NULL,
    resolution varchar(20),
    file_size bigint,
    bible_version integer NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'active',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, created_at),
    CONSTRAINT segments_status_check CHECK (status IN ('active', 'hidden', 'removed'))
) PARTITION BY RANGE (created_at);
CREATE INDEX idx_segments_scene_id ON segments (scene_id);
CREATE INDEX idx_segments_user_id ON segments (user_id);
CREATE INDEX idx_segments_scene_sequence ON segments (scene_id, sequence);
CREATE INDEX idx_segments_created_at ON segments (created_at DESC);

CREATE TABLE jobs (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    scene_id uuid NOT NULL,
    user_id uuid NOT NULL,
    type varchar(50) NOT NULL DEFAULT 'continuation',
    status varchar(30) NOT NULL DEFAULT 'queued',
    stage varchar(30) NOT NULL DEFAULT 'pending',
    progress integer NOT NULL DEFAULT 0,
    message text,
    input_text text NOT NULL,
    bible_version integer NOT NULL,
    context_data jsonb,
    result_data jsonb,
    error_code varchar(50),
    error_message text,
    retry_count integer NOT NULL DEFAULT 0,
    max_retries integer NOT NULL DEFAULT 3,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz,
    idempotency_key varchar(100),
    PRIMARY KEY (id, created_at),
    CONSTRAINT jobs_status_check CHECK (
        status IN ('queued', 'processing', 'script_ready', 'continuity_checked',
                   'preview_ready', 'final_ready', 'failed', 'cancelled')
    ),
    CONSTRAINT jobs_stage_check CHECK (
        stage IN ('pending', 'script_expansion', 'continuity_validation',
                  'video_generation', 'upload', 'finalization', 'completed', 'error')
    )
) PARTITION BY RANGE (created_at);
CREATE INDEX idx_jobs_scene_id ON jobs (scene_id);
CREATE INDEX idx_jobs_user_id ON jobs (user_id);
CREATE INDEX idx_jobs_status ON jobs (status) WHERE status NOT IN ('final_ready', 'failed', 'cancelled');
CREATE INDEX idx_jobs_created_at ON jobs (created_at DESC);

-- A unique constraint on a partitioned table must hold its partition key, which would allow the same
-- key in two months: the keys are unique in a table of their own.
CREATE TABLE job_idempotency_keys (
    idempotency_key varchar(100) PRIMARY KEY,
    job_id uuid NOT NULL,
    job_created_at timestamptz NOT NULL
);

CREATE TABLE scene_bibles (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    scene_id uuid NOT NULL REFERENCES scenes (id) ON DELETE CASCADE,
    version integer NOT NULL,
    data jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by_segment_id uuid,
    UNIQUE (scene_id, version)
);
CREATE INDEX idx_scene_bibles_scene_id ON scene_bibles (scene_id);
CREATE INDEX idx_scene_bibles_scene_version ON scene_bibles (scene_id, version DESC);

CREATE TABLE scene_summaries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    scene_id uuid NOT NULL REFERENCES scenes (id) ON DELETE CASCADE,
    summary text NOT NULL,
    segments_covered integer[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_scene_summaries_scene_id ON scene_summaries (scene_id);

CREATE TABLE moderation_flags (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    target_type varchar(20) NOT NULL,
    target_id uuid NOT NULL,
    reporter_id uuid REFERENCES users (id),
    reason varchar(50) NOT NULL,
    description text,
    status varchar(20) NOT NULL DEFAULT 'pending',
    reviewed_by uuid REFERENCES users (id),
    reviewed_at timestamptz,
    action_taken varchar(50),
    notes text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT moderation_target_type_check
        CHECK (target_type IN ('idea', 'scene', 'segment', 'user', 'topic')),
    CONSTRAINT moderation_status_check
        CHECK (status IN ('pending', 'reviewing', 'resolved', 'dismissed'))
);
CREATE INDEX idx_moderation_status ON moderation_flags (status) WHERE status = 'pending';
CREATE INDEX idx_moderation_target ON moderation_flags (target_type, target_id);
CREATE INDEX idx_moderation_created_at ON moderation_flags (created_at DESC);

CREATE TABLE scene_views (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    scene_id uuid NOT NULL,
    user_id uuid,
    ip_hash varchar(64),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idx_scene_views_scene_id ON scene_views (scene_id);
CREATE INDEX idx_scene_views_created_at ON scene_views (created_at);

CREATE TABLE likes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id),
    target_type varchar(20) NOT NULL,
    target_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (user_id, target_type, target_id)
);
CREATE INDEX idx_likes_target ON likes (target_type, target_id);
