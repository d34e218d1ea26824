-- Every write of a person carries an id of its own by now, under which the audit has it: these two had none.
DROP FUNCTION IF EXISTS greenroom.withdraw_flag(uuid, text), greenroom.retract_note(uuid, text);
