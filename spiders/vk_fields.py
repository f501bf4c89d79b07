"""What VK's API may say of a post and of a comment. Whatever else comes is counted: so a change of VK's is seen."""

_POST = """
    access_key activity ads_easy_promote attachments attachments_meta can_archive can_delete can_edit can_pin
    can_publish can_view_stats carousel_offset check_sign comments compact_attachments_before_cut copy_history
    copy_owner_id copy_post_date copy_post_id copy_post_type copy_text copyright created_by date deleted_details
    deleted_reason donut donut_miniapp_url edited feedback final_post friends_only from_id geo hash header id
    inner_type is_archived is_deleted is_favorite is_pinned is_promoted_post_stealth likes marked_as_ads
    owner_id parents_stack post_id post_source post_type postponed_id push_subscription reaction_set_id
    reactions reply_count reply_owner_id reply_post_id reposts short_attach_count short_text_rate signer_id
    suggest_subscribe text text_hash to_id topic_id track_code type updated_by views zoom_text
"""
_COMMENT = """
    attachments can_edit date deleted donut edited from_id id is_from_post_author likes owner_id parents_stack
    photo_id pid post_id real_offset reply_to_comment reply_to_user text thread track_code video_id
"""
POST_FIELDS = frozenset(_POST.split())
COMMENT_FIELDS = frozenset(_COMMENT.split())
