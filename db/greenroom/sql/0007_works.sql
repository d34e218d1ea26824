-- Every write of a person carries an id of its own by now, under which the audit has it: these had none.
DROP FUNCTION IF EXISTS
    greenroom.withdraw_flag(uuid, text), greenroom.retract_note(uuid, text), greenroom.remove_mark(uuid, boolean, text),
    greenroom.save_mark(uuid, text, uuid, timestamptz, integer, integer, text, text, text),
    greenroom.tell_marked(text, uuid, timestamptz, text, jsonb, text);
