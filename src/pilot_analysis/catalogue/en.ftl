# Why something could not be estimated. One sentence fragment a code (`errors.NotEstimable`), as it
# stands in brackets after "cannot be determined". Variables are the code's values.
reason_all_alike = all but a few answered alike
reason_all_treated = every school took part; none is left to compare with
reason_answers_unasked = how many were asked is not known
reason_collinear = the effect cannot be separated from other changes
reason_constant_item = an item has no variation
reason_design_unbounded = with so few schools no interval is bounded (smallest possible p { $smallest_p })
reason_few_at_school = suppressed: the school has fewer than { $least } pupils
reason_few_clusters = too few schools took part
reason_few_comparison = there are fewer comparison schools than pilot schools
reason_few_degrees_of_freedom = suppressed: fewer than { $least } degrees of freedom
reason_few_pupils = suppressed: fewer than { $least } pupils
reason_few_answers = suppressed: fewer than { $least } answers
reason_few_answers_in_group = suppressed: fewer than { $least } answers at { $group ->
    [pilot] pilot
   *[comparison] comparison
  } schools { $period ->
    [before] before
   *[after] after
  } the start
reason_few_of_those_asked = suppressed: fewer than { $least } % answered
reason_few_of_those_asked_in_group = suppressed: fewer than { $least } % answered at { $group ->
    [pilot] pilot
   *[comparison] comparison
  } schools { $period ->
    [before] before
   *[after] after
  } the start
reason_few_have_or_lack = suppressed: fewer than { $least } have it, or lack it
reason_few_levels = the outcome has too few levels
reason_one_school_in_group = suppressed: one school only among the { $group ->
    [pilot] pilot
   *[comparison] comparison
  } schools { $period ->
    [before] before
   *[after] after
  } the start
reason_infinite_values = the outcome has infinite values
reason_missing_baseline = the term before the start is missing
reason_missing_cells = some schools have no figures in some terms
reason_no_cost = the exposure register holds no cost
reason_no_eligible = the rule selects no pupil
reason_no_first_stage = the pilot did not change who had a mentor
reason_no_interval = no interval could be computed
reason_no_specification = no specification could be estimated
reason_no_terms_around_start = there are no terms on one side of the start
reason_no_treated = there are no pilot schools of this kind
reason_no_untreated = there are no comparison schools
reason_no_values = there are no figures on the outcome
reason_no_variation = the outcome does not vary
reason_not_asked = nobody was asked
reason_one_school_decides = the estimate needs every one of the schools
reason_one_school = suppressed: one school only
reason_outcome_in_logs = the outcome is zero somewhere, so a ratio cannot be computed
reason_separated = the outcome is perfectly predicted by who took part
reason_selection_term_missing = the selection term { $term } is not in the data
reason_several_starts = the schools started in different terms
reason_slope_undetectable = this design would not detect a drift of any size with 80 % power
reason_table_missing = the data hold no { $table }
reason_treatment_ends = some schools stopped, which this estimator does not allow
reason_unknown_term = one of the terms has no figures on these pupils

# How interval and p-value were made (`method`).
method_CR1 = cluster-robust (CR1), t with G - 1 degrees of freedom
method_CR2 = cluster-robust (CR2), Satterthwaite degrees of freedom
method_CR3 = jackknife over schools (CR3)
method_jackknife = jackknife over schools
method_randomization_t = randomization inference, studentised
method_randomization_coefficient = randomization inference, coefficient
method_wild_bootstrap_rademacher = wild cluster bootstrap, Rademacher weights
method_wild_bootstrap_webb = wild cluster bootstrap, Webb weights
method_least_favourable = two-sample t test over schools, least favourable ratio of variances
method_welch = two-sample t test over schools (Welch)
method_CR3_welch = jackknife over schools (CR3), degrees of freedom by arm
method_pooled = two-sample t test over schools, equal variances
method_ibragimov_mueller = two-sample t test over schools (Ibragimov and Müller)
method_CR2_rubin = cluster-robust (CR2), Rubin's rules over imputations
method_anderson_rubin_CR2 = Anderson-Rubin by CR2
method_anderson_rubin_randomization_t = Anderson-Rubin by randomization inference
method_bonferroni = Bonferroni
method_placebo_units = placebo over comparison schools
method_fieller = Fieller's interval, cost known
method_none = none

# Outcomes: heading, and name as the subject of a sentence.
outcome_absence_share = Absence
    .subject = Absence
outcome_invalid_absence_share = Invalid absence
    .subject = Invalid absence
outcome_persistent_absence = Persistent absence
    .subject = The share of pupils absent { $persistent_absence } or more
outcome_reporting_rate = Lesson time reported
    .subject = The share of lesson time reported
outcome_goals_share_registered = Goals reached, of registered
    .subject = The share of registered subjects or courses with at least E
outcome_goals_share = Goals reached, of graded
    .subject = The share of graded subjects or courses with at least E
outcome_goals_all = Goals reached in all subjects
    .subject = The share of pupils with at least E in every subject or course
outcome_graded_share = Subjects or courses graded
    .subject = The share of registered subjects or courses that were graded
outcome_merit = Merit value
    .subject = The merit value
outcome_term_merit = Merit value of term grades
    .subject = The merit value of term grades
outcome_eligible_vocational = Eligible, vocational programs
    .subject = The share eligible to vocational programs
outcome_eligible_academic = Eligible, academic programs
    .subject = The share eligible to academic programs
outcome_grade_points = Grade-point average
    .subject = The grade-point average
outcome_points_passed = Course points passed
    .subject = Course points passed a term
outcome_hours_other = Hours a week on other tasks than teaching
    .subject = Teachers' hours a week on other tasks than teaching
outcome_hours_teaching = Hours a week on teaching
    .subject = Teachers' hours a week on teaching
outcome_workload_index = Workload index (1 to 5)
    .subject = Teachers' workload index (1 to 5)
outcome_safety_index = Safety index (0 to 10)
    .subject = Pupils' safety index (0 to 10)
outcome_response = Response
    .subject = The share who answered

# Units of effects.
unit_percentage_points = percentage points
unit_merit_points = merit points
unit_grade_points = grade points
unit_course_points = course points
unit_hours_a_week = hours a week
unit_index_points = index points

# School forms, inside a sentence.
form_GR = lower secondary school
form_GY = upper secondary school

# Pupils' background.
covariate_girl = Girls
covariate_foreign_background = Foreign background
covariate_newly_arrived = Newly arrived
covariate_parental_education_low = Parents: compulsory school
covariate_parental_education_high = Parents: higher education

# What is wrong with the exports (`ingest`): `export_<code>` completes "<file>, row, column: ...", and
# `export_<code>_advice` says what to do. Written for those who make the exports.
export_heading = { $problems ->
    [one] 1 problem in the exports; nothing was written.
   *[other] { $problems } problems in the exports; nothing was written.
  }
export_remarks = { $remarks ->
    [one] 1 remark on the exports; ingest goes on, as each line says.
   *[other] { $remarks } remarks on the exports; ingest goes on, as each line says.
  }
export_fine = { $folder }: no problems
export_row = row { $row }
export_column = column { $column }
export_rows = ({ $rows } rows)
export_such_as = for example { $examples }
export_empty = (empty)
export_code_found = { $term ->
    [no] the code { $code } ({ $rows } rows)
   *[other] the code { $code } ({ $rows } rows, from { $term })
  }

export_utf16 = is UTF-16
export_utf16_advice = Export it as UTF-8 or Windows-1252; in Excel: File, Save As, "CSV UTF-8 (Comma delimited)"
export_nul_byte = has a NUL byte at byte { $byte }
export_nul_byte_advice = The file is damaged or not text; export it again
export_mark_inside = has a byte order mark in the middle (byte { $byte })
export_mark_inside_advice = Files were put together; put each into the folder by itself
export_control_byte = has the control byte 0x1A at byte { $byte }
export_control_byte_advice = The file is damaged; export it again
export_cut_off = does not end with a line break, so it may be cut off
export_cut_off_advice = Export it again; if it is whole, end the last line with a line break
export_unknown_encoding = is neither UTF-8 nor Windows-1252 (byte { $byte })
export_unknown_encoding_advice = Export it as UTF-8 or Windows-1252
export_column_twice = stands twice in the header
export_column_twice_advice = Keep one of the columns
export_lacks_columns = lacks { $columns }
export_lacks_columns_advice = Add the column to the export
export_other_separator_advice = The columns must be separated by semicolons
export_separator_line_advice = The first line only tells Excel the separator; remove it, so that the header comes first
export_renamed_columns_advice = Unknown columns here: { $unknown }. If one was renamed, say so in a scenario: { $alias }
export_more_fields = has more fields than the { $fields } of the header
export_more_fields_advice = Quote fields that contain a semicolon; export the file again if it is cut off
export_fewer_fields = has fewer fields than the { $fields } of the header
export_fewer_fields_advice = Quote fields that contain a semicolon; export the file again if it is cut off
export_quotation_mark = has a quotation mark that is never closed or stands inside a field
export_quotation_mark_advice = Double quotation marks inside a quoted field ("")
export_not_semicolons = cannot be read as semicolon-separated text
export_not_semicolons_advice = Check quotation marks and line breaks
export_symbolic_link = is a symbolic link
export_symbolic_link_advice = Put the file itself into the folder
export_empty_file = is empty
export_empty_file_advice = Export it again, or remove it
export_encoded_twice = was encoded twice
export_encoded_twice_advice = Export it again as UTF-8; in Excel: File, Save As, "CSV UTF-8 (Comma delimited)"
export_header_only = has a header but no rows
export_header_only_advice = Nothing is known from it; export it again if it should have rows
export_not_a_folder = is not a folder
export_not_a_folder_advice = Name the folder with the exports
export_truth_damaged = is damaged
export_truth_damaged_advice = Remove it, or run pilot simulate again
export_real_beside_synthetic = differs from what the generator wrote, beside synthetic exports
export_real_beside_synthetic_advice = Keep real and synthetic exports in folders of their own
export_missing_table = is missing
export_missing_table_advice = Put one or more such files into the folder
export_missing_kalender = is missing: lesson time and absence have no terms, so attendance cannot be judged
export_missing_undervisningstid = is missing: without lesson time attendance cannot be judged
export_missing_franvaro = is missing: absence is unknown everywhere
export_missing_betyg = is missing: goals, merit values and eligibility are unknown
export_missing_mentorer = is missing: who had a mentor is unknown
export_missing_elevenkat = is missing: safety cannot be judged
export_missing_personalenkat = is missing: teachers' time cannot be judged
export_missing_utskick = is missing: how many staff were asked is unknown

export_rule_identifier = must not be empty
export_rule_identifier_advice = Fill in the identifier
export_identifier_rounded = has identifiers that a spreadsheet has rounded (2,00506E+11): their last digits are lost
export_identifier_rounded_advice = Export the file again, and open it in Excel only by Data, From Text/CSV, with the column as Text
export_zeros_lost = has identifiers whose leading zeros were lost; read as personal identity numbers of ten digits
export_zeros_lost_advice = In Excel open the file by Data, From Text/CSV, with the column as Text
export_rule_code = must be eight digits
export_rule_code_advice = Keep the code as text, so that leading zeros stay; in Excel: Data, From Text/CSV, with the column as Text
export_rule_term = must be a term such as HT2019 or VT2020
export_rule_term_advice = Write HT or VT and the year
export_rule_week = must be an ISO week of its year, such as 2019-W35
export_rule_week_advice = Write weeks as YYYY-Www
export_rule_date = must be a date such as 2019-12-31
export_rule_date_advice = Write dates as YYYY-MM-DD
export_date_of_excel_advice = These are Excel's day numbers; give the column the date format YYYY-MM-DD (Format Cells, Date) before saving
export_date_without_hyphens_advice = Write dates with hyphens, YYYY-MM-DD
export_date_year_last_advice = Write dates as YYYY-MM-DD, the year first
export_rule_time = must be a time such as 08:15
export_rule_time_advice = Write times as HH:MM
export_rule_timestamp = must be a time stamp such as 2019-12-31 08:15:00
export_rule_timestamp_advice = Write time stamps as YYYY-MM-DD HH:MM:SS
export_rule_text = must not be empty
export_rule_text_advice = Fill in the value
export_rule_ignored = is not used
export_rule_ignored_advice = Leave it
export_rule_integer = must be a whole number from { $low } to { $high }
export_rule_integer_advice = Write whole numbers without spaces or decimals
export_rule_decimal = must be a number with decimal comma from { $low } to { $high }
export_rule_decimal_advice = Write decimals with a comma, without thousands separators
export_rule_choice = must be one of { $allowed }
export_rule_choice_advice = Correct the value, or map it with an alias
export_alias_advice = If the codes changed, say in a scenario what each means (??? is yours to fill in): { $alias }

export_unit_in_two_schools = a unit belongs to two schools or school forms
export_unit_in_two_schools_advice = Keep one line per unit
export_school_of_two_forms = a school has units of both school forms
export_school_of_two_forms_advice = Give each school form its own school name
export_register_school_unknown = is not a school of skolor.csv
export_register_school_unknown_advice = Spell the school as in skolor.csv
export_register_entry_twice = a school has two different entries for one term
export_register_entry_twice_advice = Keep the right one
export_pilot_without_organisation = a pilot school has no organisation
export_pilot_without_organisation_advice = Write riktad or klass
export_week_twice = a week stands twice with different content
export_week_twice_advice = Keep the right line
export_week_in_several_rows = a pupil's week stands twice with different minutes
export_week_in_several_rows_advice = If each row is one activity or subject, export its name or number as the column aktivitet: such rows are added. Otherwise keep the right line
export_week_in_equal_rows = a pupil's week stands in several equal rows, in too many places to be a slip
export_week_in_equal_rows_advice = If each row is one activity or subject, export its name or number as the column aktivitet: such rows are added. If the file holds everything twice, remove one copy
export_protection_unknown = does not say who has protected identity
export_protection_unknown_advice = Export the column with J or N for every pupil; if pupils with protected identity are not in the exports at all, say so with the parameter protected_identities: removed
export_school_spellings = spells one school in { $ways } ways: { $names }
export_school_spellings_advice = Write the school alike on every line
export_mentors_without_pilot = a school has mentors or an organisation but the status ingen
export_mentors_without_pilot_advice = Write pilot, forstudie or okand from the start term on
export_minutes_swapped = has more reported than scheduled minutes in most rows
export_minutes_swapped_advice = The columns look swapped; schemalagda_minuter is the time offered

export_unknown_pupil = has pupils who are not in elever.csv ({ $share } % of its rows); their rows are dropped
export_unknown_pupil_advice = Export elever for the same terms, or see whether identifiers are written otherwise
export_unknown_pupil_beyond_share = has pupils who are not in elever.csv: { $share } % of its rows, where { $limit } % are allowed
export_unknown_pupil_beyond_share_advice = Export elever for the same terms and schools, and see whether identifiers are written otherwise (rounded, cut, another system's); the parameter unmatched_share allows more
export_unknown_unit = has school units that are not in skolor.csv ({ $share } % of its rows); their rows are dropped
export_unknown_unit_advice = Add the unit to skolor.csv if its pupils belong to the evaluation
export_unknown_unit_beyond_share = has a school unit that is not in skolor.csv: { $share } % of its rows, where { $limit } % are allowed
export_unknown_unit_beyond_share_advice = Add the unit to skolor.csv, with its own school form if it is another than GR or GY; the parameter unmatched_share allows more
export_week_not_in_calendar = has weeks that are not in kalender.csv ({ $share } % of its rows); dropped
export_week_not_in_calendar_advice = Add the weeks to kalender.csv; dates in the future are slips of the year
export_week_not_in_calendar_beyond_share = has weeks that are not in kalender.csv: { $share } % of its rows, where { $limit } % are allowed
export_week_not_in_calendar_beyond_share_advice = Add the weeks to kalender.csv, or export the evaluation's terms only; the parameter unmatched_share allows more
export_near_miss = { $slips ->
    [one] 1 unknown identifier differs by one sign
   *[other] { $slips } unknown identifiers differ by one sign
  } from an identifier of elever.csv
export_near_miss_advice = A digit was mistyped or two have changed places; correct the identifier where it is wrong

export_check_digit = has personal identity numbers with a wrong check digit
export_check_digit_advice = A slip makes two pupils of one; correct the number
export_impossible_birth_year = has years of birth that no pupil can have; the rows are left out
export_impossible_birth_year_advice = Correct the year, or leave the cell empty
export_pupil_told_twice = tells a pupil's term at a school twice with different content; the first is kept
export_pupil_told_twice_advice = Keep the right line
export_two_schools_at_once = places pupils at two schools at once; both rows count
export_two_schools_at_once_advice = Fill in avslutad at the school the pupil left
export_terms_without_pupils = has no pupils for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_terms_without_pupils_advice = Export elever for every term
export_terms_without_weeks = has no weeks for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_terms_without_weeks_advice = Add the weeks of every term
export_terms_without_grades = has no grades at all for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_terms_without_grades_advice = Export the grades of every term
export_absence_outside_enrolment = has absence outside the pupil's enrolment at the school; dropped where there was no lesson time that week
export_absence_outside_enrolment_advice = Check inskriven and avslutad, and which school the lesson belongs to
export_absence_without_lesson_time = has absence in weeks without lesson time for the pupil at the school; dropped
export_absence_without_lesson_time_advice = Export undervisningstid for the same pupils and weeks
export_absence_past_next_lesson = has absence longer than the lesson: past the start of the pupil's next one; capped there
export_absence_past_next_lesson_advice = Report each lesson by itself, or a whole day once
export_absence_beyond_lessons = has weeks with more absence than the pupil had lessons; capped
export_absence_beyond_lessons_advice = Lessons reported twice under other times, or lesson time that is missing
export_grades_before_enrolment = has grades from before the pupil was enrolled; dropped
export_grades_before_enrolment_advice = Export elever for the same terms
export_two_grades_on_a_day = has two different grades of one course on one day; the worse is kept
export_two_grades_on_a_day_advice = Keep the right grade
export_no_course_points = has courses without points in upper secondary school; they count as 100 points
export_no_course_points_advice = Export the column poang
export_three_is_no_basis = has the grade code 3, read as no basis for a grade
export_three_is_no_basis_advice = In Statistics Sweden's list 3 means that the subject was not studied (adapted studies) and 9 no basis; if the export follows it, say so with the parameter grade_codes: scb
export_three_is_not_studied = has the grade code 3, read as a subject not studied (adapted studies), as Statistics Sweden's list has it
export_three_is_not_studied_advice = If 3 means no basis for a grade, say so with the parameter grade_codes: contract
export_unknown_subjects = has subjects that the national catalogue of grades does not know; they count as one subject each, and for no eligibility rule by name
export_unknown_subjects_advice = Say in a scenario what each means (??? is yours to fill in): { $alias }

export_no_lesson_time = has no lesson time for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }; attendance is missing there
export_no_lesson_time_advice = Export undervisningstid for every school and term
export_no_absence_reports = has not one report for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }, where there was lesson time; absence is missing there, not zero
export_no_absence_reports_advice = Export the reports of every school and term, also from an earlier system
export_weeks_without_reports = has weeks with lesson time and not one report for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }; they count as weeks without absence
export_weeks_without_reports_advice = See whether the export was cut off or the system was changed
export_absence_in_hours = looks like hours, not minutes: no absence is longer than 12 for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_absence_in_hours_advice = Export minutes
export_lesson_time_in_hours = looks like hours, not minutes: no week is longer than 80 for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_lesson_time_in_hours_advice = Export minutes
export_absence_at_a_bound = gives exactly 0 or 100 % absence for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_absence_at_a_bound_advice = See whether all reports were exported, and in which unit
export_reporting_at_a_bound = gives exactly 0 or 100 % reported lesson time for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_reporting_at_a_bound_advice = See whether rapporterade_minuter is what somebody reported, or only a copy of the schedule
export_invalid_at_a_bound = gives only valid or only invalid absence for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_invalid_at_a_bound_advice = See whether the export tells valid and invalid absence apart
export_absence_implausible = gives a share of absence that is hardly possible (under 0.5 or over 50 %) for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_absence_implausible_advice = Compare with the school's own figures: a part of the export may be missing, or the unit another
export_absence_jumps = gives more than three times, or less than a third of, the school's usual absence for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_absence_jumps_advice = Compare with the school's own figures: a part of the export may be missing, or the unit another

export_coverage = Coverage by school and term: L lesson time, A absence reports, G grades; small letters: in part; -: none
export_coverage_letters = L A G
# Files that intake refuses or leaves (`ingest/intake`): what is wrong, and what to do.
export_intake_link = is a symbolic link
export_intake_link_advice = Put the file itself into the folder
export_intake_folder_named_as_file = is a folder with the name of a file
export_intake_folder_named_as_file_advice = Rename or remove it
export_intake_device = is a pipe or a device, not a file
export_intake_device_advice = Put a file into the folder
export_intake_too_deep = lies too many folders deep
export_intake_too_deep_advice = Move its files up; one folder per school year or term is enough
export_intake_too_many_files = holds more than { $most } files
export_intake_too_many_files_advice = Keep the exports in a folder of their own
export_intake_unread = was not read; it looks like { $looks ->
    [old_workbook] { intake_looks_old_workbook }
    [parquet] { intake_looks_parquet }
    [database] { intake_looks_database }
    [packed] { intake_looks_packed }
    [xlsb] { intake_looks_xlsb }
    [damaged] { intake_looks_damaged }
    [json] { intake_looks_json }
    [web_page] { intake_looks_web_page }
    [hidden_sheet] { intake_looks_hidden_sheet }
    [foreign_sheet] { intake_looks_foreign_sheet }
    [nested_archive] { intake_looks_nested_archive }
   *[foreign_table] { intake_looks_foreign_table }
  }
export_intake_unread_advice = Remove it, or describe it in mapping.yml (pilot map writes a draft)
export_intake_cut_off = does not end with a line break, so it may be cut off
export_intake_cut_off_advice = Export it again; if it is complete, end the last line with a line break
export_intake_encoding = begins as { $encoding } but is not { $encoding } throughout
export_intake_encoding_advice = Export it again; in Excel choose "CSV UTF-8 (Comma delimited)"
export_intake_open_quote = has a quotation mark that is never closed or stands inside a field
export_intake_open_quote_advice = Double quotation marks inside a quoted field ("")
export_intake_workbook_parts = is a workbook of more than { $most } parts
export_intake_workbook_parts_advice = Save it again in Excel or LibreOffice
export_intake_workbook_unpacks = is a workbook that unpacks to far more than it holds
export_intake_workbook_unpacks_advice = Save it again in Excel or LibreOffice
export_intake_workbook_entities = is a workbook with XML entities, which no spreadsheet program writes
export_intake_workbook_entities_advice = Save it again in Excel or LibreOffice
export_intake_workbook_far = has cells so far apart that its sheet would fill the memory
export_intake_workbook_far_advice = Delete stray cells below and to the right of the table
export_intake_workbook_damaged = is a damaged workbook
export_intake_workbook_damaged_advice = Save it again, without a password
export_intake_lost_digits = holds identifiers as numbers that have lost digits
export_intake_lost_digits_advice = Format the column as Text before filling it, and export again
export_intake_archive_too_large = unpacks to far more than any export
export_intake_archive_too_large_advice = Put the exports into the folder as they are
export_intake_archive_password = is protected by a password
export_intake_archive_password_advice = Unpack it, or pack it without a password
export_intake_archive_damaged = is a damaged archive
export_intake_archive_damaged_advice = Pack the exports again, or put them into the folder as they are
export_intake_archive_too_many = holds more than { $most } files
export_intake_archive_too_many_advice = Put the exports into the folder as they are
export_intake_archive_points_out = holds a file whose name points out of the archive
export_intake_archive_points_out_advice = Pack the exports again, or put them into the folder as they are
export_intake_archive_link = holds a symbolic link
export_intake_archive_link_advice = Pack the files themselves
export_intake_json_damaged = is not the JSON it begins as
export_intake_json_damaged_advice = Fetch it again; every record needs the standard's structure
export_intake_json_page_size = has a JSON page of more than { $most } MB
export_intake_json_page_size_advice = Fetch smaller pages (limit), or save one record per line
export_intake_mapping_columns = lacks { $columns }, which the mapping's source { $source } reads
export_intake_mapping_columns_advice = It has { $found }; correct columns in the mapping
export_intake_mapping_several = { $step }: several rows of { $other } fit one row, so the join is not unique
export_intake_mapping_several_advice = Add a column to "on", or say several: first
export_intake_mapping_unmatched = { $step }: rows without a partner in { $other } were left out
export_intake_mapping_unmatched_advice = Export { $other } for the same pupils and dates
export_intake_mapping_failed = { $step }: the mapping cannot be carried out
export_intake_mapping_failed_advice = Check the types of its columns; numbers are needed in sum, plus and minus

# What a file is taken for, in one line.
intake_line = { $file }: { $words }
intake_line_unread = { $file }: not read, { $words }
intake_taken = { $table }, from { $looks }
intake_taken_by_mapping = { $table }, by the mapping { $mapping } from { $source }
intake_source_of_mapping = { $source } of the mapping { $mapping }, from { $looks }
intake_header_row = header in row { $row }
intake_totals = { $n ->
    [one] one total row left out
   *[other] { $n } total rows left out
  }
intake_notes = { $n ->
    [one] one note below the table left out
   *[other] { $n } notes below the table left out
  }
intake_looks_csv = { $encoding } text, { $separator ->
    [semicolon] separated by semicolons
    [tab] separated by tabs
    [comma] separated by commas
   *[other] separated by vertical bars
  }
intake_looks_archive = a gzip archive
intake_looks_pdf = a PDF document
intake_looks_picture = a picture
intake_looks_old_workbook = an old Excel workbook (xls) or one with a password; save it as xlsx without one
intake_looks_parquet = a parquet file
intake_looks_database = a database
intake_looks_packed = a 7z or rar archive; unpack it
intake_looks_xlsx = an Excel workbook
intake_looks_xlsb = a binary Excel workbook (xlsb); save it as xlsx
intake_looks_word = a Word document
intake_looks_presentation = a presentation
intake_looks_ods = an OpenDocument spreadsheet
intake_looks_odt = an OpenDocument text
intake_looks_damaged = a damaged workbook or archive
intake_looks_zip = a zip archive
intake_looks_no_text = a file that is neither text nor a workbook
intake_looks_json = JSON
intake_looks_web_page = a web page or XML; save it as xlsx or CSV UTF-8
intake_looks_text = text without columns
intake_looks_empty = an empty file
intake_looks_hidden_sheet = a hidden sheet
intake_looks_foreign_sheet = a sheet with none of the contract's tables
intake_looks_foreign_table = a table of { $columns } columns, none of the contract's
intake_looks_nested_archive = an archive within an archive; unpack it
export_rule_figure = must be a number, .. (suppressed), . (missing) or ~100
export_rule_figure_advice = Write figures as Skolverket does, with decimal comma

# What an interval rests on (`assumption`).
assumption_variance_ratio = This holds if pilot schools' changes vary at most { $bound } times as much as the comparison schools', and at least half as much; without that assumption no p-value can fall below { $smallest }.
