# Why something could not be estimated. One sentence fragment a code (`errors.NotEstimable`), as it
# stands in brackets after "cannot be determined". Variables are the code's values.
reason_all_alike = all but a few answered alike
reason_all_treated = every school took part; none is left to compare with
reason_not_asked = the questionnaire did not ask about it
reason_answers_unasked = how many were asked is not known
reason_collinear = the effect cannot be separated from other changes
reason_constant_item = an item has no variation
reason_design_unbounded = with so few schools no interval is bounded (smallest possible p { $smallest_p })
reason_eligibility_unknown = the share of absence that the rule goes by is not known
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
reason_few_items = an index needs at least { $least } items for this
reason_no_factor = no single factor could be fitted to the items
reason_no_interval = no interval could be computed
reason_no_specification = no specification could be estimated
reason_no_terms_around_start = there are no figures on one side of the start
reason_no_treated = no pilot school of this kind can be followed from before to after the start
reason_no_untreated = there are no comparison schools
reason_no_values = there are no figures on the outcome
reason_no_variation = the outcome does not vary
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
outcome_absence_minutes = Absence per school day
    .subject = Absence per school day
outcome_invalid_absence_share = Unauthorised absence
    .subject = Unauthorised absence
outcome_persistent_absence = Pupils absent { $persistent_absence } or more
    .subject = The share of pupils absent { $persistent_absence } or more
outcome_reporting_rate = Lesson time reported
    .subject = The share of lesson time reported
outcome_goals_share_registered = Registered { $form ->
    [GR] subjects
    [GY] courses
   *[other] subjects or courses
  } with at least E
    .subject = The share of registered { $form ->
        [GR] subjects
        [GY] courses
       *[other] subjects or courses
      } with at least E
outcome_goals_share = Graded { $form ->
    [GR] subjects
    [GY] courses
   *[other] subjects or courses
  } with at least E
    .subject = The share of graded { $form ->
        [GR] subjects
        [GY] courses
       *[other] subjects or courses
      } with at least E
outcome_goals_all = Pupils with at least E in all { $form ->
    [GR] subjects
    [GY] courses
   *[other] subjects or courses
  }
    .subject = The share of pupils with at least E in all { $form ->
        [GR] subjects
        [GY] courses
       *[other] subjects or courses
      }
outcome_graded_share = Registered { $form ->
    [GR] subjects
    [GY] courses
   *[other] subjects or courses
  } that were graded
    .subject = The share of registered { $form ->
        [GR] subjects
        [GY] courses
       *[other] subjects or courses
      } that were graded
outcome_merit = Merit rating
    .subject = The merit rating
outcome_term_merit = Merit rating of term grades
    .subject = The merit rating of term grades
outcome_eligible_vocational = Eligible for vocational programmes
    .subject = The share eligible for vocational programmes
outcome_eligible_academic = Eligible for academic programmes
    .subject = The share eligible for academic programmes
outcome_grade_points = Grade-point average
    .subject = The grade-point average
outcome_points_passed = Credits passed per term
    .subject = Credits passed per term
outcome_hours_other = Hours a week on other tasks than teaching
    .subject = Teachers' hours a week on other tasks than teaching
outcome_hours_teaching = Hours a week on teaching
    .subject = Teachers' hours a week on teaching
outcome_workload_index = Workload index
    .subject = Teachers' workload index{ $workload_index_range }
outcome_safety_index = Safety index
    .subject = Pupils' safety index{ $safety_index_range }
outcome_purpose_index = Index of how far the mentors did what they were meant to
    .subject = How far the mentors did what they were meant to, as an index{ $purpose_index_range }
index_range = { " " }({ $low } to { $high })
outcome_response = Response
    .subject = The share who answered

# A report from public figures alone.
public_answers = What public figures show
public_how = What was done, and how it was compared
public_limits = What this cannot show
public_outcome = Figure
public_form = School form
public_difference = Difference (interval)
public_p = p
public_schools = Pilot / all schools
public_caption = How much more pilot schools changed from before the start to after it than the other schools, with { $level } interval
public_imprint = { $commissioner } · { $author } · public figures of schools, no data on pupils
public_method = Each school counts once. The change of every pilot school's yearly figures, from before the start to after it, is held against that of the other schools over the same years (difference-in-differences). The interval and the p-value are those that hold for so few schools.
public_limit_pupils = Figures are of those who finished lower secondary school each spring: who moved, and what absence was, they do not tell. Nothing is adjusted for which pupils a school had.
public_limit_suppressed = Figures that were suppressed because few pupils stood behind them are left out, as unknown.
public_limit_years = A year is a school year's spring. A pilot that began in an autumn may show in the next spring's figures at the earliest.

# Figures of questionnaires, and the pilot's logic.
figure_role_teacher = Teachers
figure_role_principal = Principals
figure_role_mentor = Mentors
figure_role_pupil = Pupils
figure_period_before = before
figure_period_after = after
figure_workload_index = workload, { $low } to { $high }
figure_safety_index = safety, { $low } to { $high }
figure_purpose_index = purpose, { $low } to { $high }
figure_item_reversed = { $item } (reversed)
figure_items = { $who } in { $place }: what they answered
    .caption = Two bars an item: above before the first start, below after it; number of answer sheets in brackets. Shares of those who answered the item; an answer of fewer than five is counted with its neighbour. Items are scored so that right is more of what the index measures; one that is worded the other way round is marked.
    .alt = Diverging stacked bars: { $parts }.
figure_items_finding = { $who } in { $place }: ‘{ $item }’ moved most; { $first } % agreed before and { $second } % after at pilot schools
figure_items_axis = ← disagree   %   agree →
figure_items_agree = { $low } to { $high } % agree
figure_themes_few = fewer than { $survey_min_answers }
figure_themes_most = { $who }, “{ $theme }”
figure_themes = Most often in free-text answers: { $parts }
    .caption = Free-text answers that speak of each theme, coded by the municipality; an answer may speak of several. Numbers are rounded to five. Who writes is not who answers: nothing is said of shares or effects.
    .alt = Bars of the number of free-text answers by theme and role. { $parts }.
figure_roles = Each role's index before and after the start
    .caption = Mean of schools, each counting once. A description, not an effect. Groups with too few answers are withheld.
    .alt = Points by period: { $parts }.
figure_logic = How full-time mentors were meant to work
    .alt = Boxes and arrows: { $parts }. { $rivals }.
figure_logic_money = Full-time mentors who do not teach
figure_logic_tasks = Tasks move from teachers to mentors
figure_logic_follow = Absence is followed up, pupils are seen
figure_logic_time = Teachers have time to teach
figure_logic_safe = Pupils feel safe
figure_logic_there = Attendance rises
figure_logic_goals = More pupils reach the goals

# Units of effects.
unit_percentage_points = percentage points
unit_merit_points = merit points
unit_grade_points = grade points
unit_course_points = credits
unit_minutes_a_day = minutes a day
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
export_schools = ({ $rows } schools)
export_pupil_weeks = ({ $rows } pupil-weeks)
export_pupil_terms = ({ $rows } pupil-terms)
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
export_lacks_columns_advice = Add what is missing to the export
export_other_separator_advice = The columns must be separated by semicolons
export_separator_line_advice = The first line only tells Excel the separator; remove it, so that the header comes first
export_renamed_columns_advice = Unknown columns here: { $unknown }. If one was renamed, say so in a scenario: { $alias }
export_more_fields = has more fields than the { $fields } of the header
export_more_fields_advice = Quote fields that contain a semicolon; export the file again if it is cut off
export_fewer_fields = has fewer fields than the { $fields } of the header
export_fewer_fields_advice = Quote fields that contain a semicolon; export the file again if it is cut off
export_quotation_mark = has a quotation mark that is never closed or stands inside a field
export_quotation_mark_advice = Write each quotation mark inside a field twice (""), and put quotation marks around the whole field
export_not_semicolons = cannot be read as semicolon-separated text
export_not_semicolons_advice = Check quotation marks and line breaks
export_symbolic_link = is a symbolic link
export_symbolic_link_advice = Put the file itself into the folder
export_empty_file = is empty
export_empty_file_advice = Export it again, or remove it
export_encoded_twice = was encoded twice
export_encoded_twice_advice = Export it again as UTF-8; in Excel: File, Save As, "CSV UTF-8 (Comma delimited)"
export_wrong_letters = has letters that were converted wrongly (å became Ã¥): the file was encoded twice, or put together from files of different encodings
export_wrong_letters_advice = Export it again as UTF-8; put files of different encodings into the folder one by one
export_lost_letters = has the mark � where a letter was lost
export_lost_letters_advice = Export it again as UTF-8, from where the letters are right
export_header_only = has a header but no rows
export_header_only_advice = Nothing is known from it; export it again if it should have rows
export_not_a_folder = is not a folder
export_not_a_folder_advice = Name the folder with the exports
export_truth_damaged = is damaged
export_truth_damaged_advice = Remove it, or run pilot simulate again
export_personal_identity_number = holds what looks like a personal identity number, in a column for other text
export_personal_identity_number_advice = Remove it, and see how it got there
export_personal_telephone = holds what looks like a telephone number
export_personal_telephone_advice = Remove it
export_personal_email = holds an e-mail address
export_personal_email_advice = Remove it
export_personal_name = seems to name a person
export_personal_name_advice = Write the office or the register instead of who is there
export_real_beside_synthetic = is not as the generator wrote it, but lies among synthetic exports
export_real_beside_synthetic_advice = Keep real and synthetic exports in folders of their own
export_missing_table = is missing
export_missing_table_advice = Put one or more such files into the folder
export_missing_elever = is missing: only the schools' public figures can be compared
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
export_zeros_lost = has personal identity numbers whose leading zeros were lost; read as ten digits
export_zeros_lost_advice = In Excel open the file by Data, From Text/CSV, with the column as Text
export_rule_code = must be eight digits
export_rule_code_advice = Keep the code as text, so that leading zeros stay; in Excel: Data, From Text/CSV, with the column as Text
export_rule_term = must be a term such as HT2019 or VT2020
export_rule_term_advice = Write HT or VT and the year
export_rule_week = must be an ISO week of its year, such as 2019-W35
export_rule_week_advice = Write weeks as YYYY-Www
export_rule_period = must be a term (HT2019) or a month (2019-09)
export_rule_period_advice = Write HT or VT and the year, or the month as YYYY-MM
export_period_in_several_rows = a pupil's time stands twice with different content, or as a term and as months of it
export_period_in_several_rows_advice = Keep one row per pupil, school unit and period
export_months_beside_weeks = tells months of a term that undervisningstid tells by week, and not for the same time; the weeks count, and absence without reports by week is unknown
export_months_beside_weeks_advice = Export a whole term in one way: by week, or as totals without weeks
export_totals_beyond_whole = has more time here than in { $whole }, of which it is a part; it counts as much as that
export_totals_beyond_whole_advice = Correct the rows. franvarande includes invalid absence, and schemalagt is all lesson time offered
export_totals_beyond_whole_mostly = has more time here than in { $whole }, of which it is a part, in most rows
export_totals_beyond_whole_mostly_advice = franvarande includes invalid absence, and schemalagt is all lesson time offered; see whether columns are swapped
export_totals_in_hours = looks like hours, not minutes: no total of a month is above 120, or of a term above 600, for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_totals_in_hours_advice = Write timmar in the column enhet, or export minutes
export_totals_without_lesson_time = does not say how much lesson time there was, so absence is told as minutes per school day and not as a share
export_totals_without_lesson_time_advice = Export schemalagt too, if it is known
export_totals_without_reporting = does not say how much of the lesson time was reported, so absence can only be a share of what was scheduled
export_totals_without_reporting_advice = Export rapporterat too, or put absence_coding: present in a scenario
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
export_two_readings = has a number that can be read in two ways: 1,200 is 1.2 with a decimal comma, and 1200 if the comma separates thousands
export_two_readings_advice = Write numbers without thousands separators (1200), and decimals with a comma, but not three of them (1,2 or 1,2000)
export_rule_school_form = must be GR, GY or another school form's code, such as ANPGR
export_rule_school_form_advice = Correct the code, or map it with an alias
export_rule_choice = must be one of { $allowed }
export_rule_choice_advice = Correct the value, or map it with an alias
export_alias_advice = If the codes changed, say in a scenario what each means (??? is yours to fill in): { $alias }

export_unit_in_two_schools = a unit belongs to two schools or school forms
export_unit_in_two_schools_advice = Keep one line per unit
export_school_of_two_forms = a school has units of several school forms
export_school_of_two_forms_advice = Give the school a name of its own for each school form, in the column skola of skolor.csv and exponering.csv
export_school_in_two_municipalities = has a school of one name in two municipalities
export_school_in_two_municipalities_advice = Give each a name of its own, in skolor and exponering, such as the school's name and the municipality's
export_pupils_in_two_municipalities = has pupils at schools of two municipalities in the same term ({ $share } % of pupils and terms): their local identifiers are the same
export_pupils_in_two_municipalities_advice = Put the municipality's code before the local identifiers, in every export that has them
export_register_school_unknown = is not a school of skolor.csv
export_register_school_unknown_advice = Spell the school as in skolor.csv
export_register_entry_twice = a school has two different entries for one term
export_register_entry_twice_advice = Keep the right one
export_unlisted_unknown = does not name { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }: their history is unknown, so they are left out
export_unlisted_unknown_advice = Add a row per term (status ingen where there were no mentors), or, if only schools with mentors are listed, put register_lists: pilot_schools in a scenario
export_unlisted_untreated = does not name { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }: by register_lists they never had mentors and are comparison schools
export_unlisted_untreated_advice = List the schools that did have mentors earlier or whose history nobody knows
export_pilot_without_organisation = a pilot school has no organisation
export_pilot_without_organisation_advice = Write riktad or klass
export_week_outside_term = puts weeks in a term that they cannot be of
export_week_outside_term_advice = Write the term of the week: 2019-W40 is in HT2019, 2019-W10 in VT2019
export_remote_teaching_not_told = does not say which weeks were taught remotely; all count as taught on site
export_remote_teaching_not_told_advice = Add the column with the share of each week taught remotely (0 to 1), if any was
export_remote_share_unknown = does not say how much of a week was taught remotely; it is unknown, and results without remote weeks leave the week out
export_remote_share_unknown_advice = Fill in the share, 0 where the whole week was taught on site
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

export_role_not_asked = has answer sheets of { $role }, whom evaluation.yml lists no questionnaire for
export_role_not_asked_advice = List it there under instruments: its items, the steps of the answers and its indices. Or leave the sheets out
export_answer_of_another_role = has an answer of { $role } that the questionnaire of that role in evaluation.yml does not list
export_answer_of_another_role_advice = Add the item, or the step as the exports write it, to that role's questionnaire; or correct the row
export_asked_counted_twice = counts those asked of a school unit, role and term twice, differently
export_asked_counted_twice_advice = Give one row per school unit, role and term
export_sheet_with_same_id = has several different answer sheets with one id in a school unit and term; each of them counts
export_sheet_with_same_id_advice = Give each sheet an id of its own. If a sheet was corrected, keep only the corrected one
export_themes_not_listed = has coded themes, but evaluation.yml lists none
export_themes_not_listed_advice = List each theme there under themes, as the export writes it, with its words. Or leave the file out
export_theme_counted_twice = counts a theme of a role and term twice, differently
export_theme_counted_twice_advice = Give one row per theme, role and term

export_unknown_pupil = has pupils who are not in elever.csv ({ $share } % of its rows); their rows are dropped
export_unknown_pupil_advice = Export elever for the same terms, or see whether identifiers are written otherwise
export_unknown_pupil_beyond_share = has pupils who are not in elever.csv: { $share } % of its rows, where { $limit } % are allowed
export_unknown_pupil_beyond_share_advice = Export elever for the same terms and schools, and see whether identifiers are written otherwise (rounded, cut, or of another system); raise the parameter unmatched_share to allow more
export_unknown_unit = has school units that are not in skolor.csv ({ $share } % of its rows); their rows are dropped
export_unknown_unit_advice = Add the unit to skolor.csv if its pupils belong to the evaluation
export_unknown_unit_beyond_share = has a school unit that is not in skolor.csv: { $share } % of its rows, where { $limit } % are allowed
export_unknown_unit_beyond_share_advice = Add the unit to skolor.csv, with its own school form if it is another than GR or GY; raise the parameter unmatched_share to allow more
export_week_not_in_calendar = has weeks that are not in kalender.csv ({ $share } % of its rows); dropped
export_week_not_in_calendar_advice = Add the weeks to kalender.csv; where dates lie in the future, the year is mistyped
export_week_not_in_calendar_beyond_share = has weeks that are not in kalender.csv: { $share } % of its rows, where { $limit } % are allowed
export_week_not_in_calendar_beyond_share_advice = Add the weeks to kalender.csv, or export the evaluation's terms only; raise the parameter unmatched_share to allow more
export_near_miss = { $slips ->
    [one] 1 unknown identifier differs by one character
   *[other] { $slips } unknown identifiers differ by one character
  } from an identifier of elever.csv
export_near_miss_advice = A digit was mistyped or two have changed places; correct the identifier where it is wrong

export_check_digit = has personal identity numbers with a wrong check digit
export_check_digit_advice = A slip makes two pupils of one; correct the number
export_not_enrolled = has lesson time or absence of pupils who are not at the school in elever.csv that term ({ $share } % of its rows); their rows are dropped
export_not_enrolled_advice = Add a row for that school and term to elever, also for pupils who came or left during the term; or see which school the rows belong to
export_not_enrolled_beyond_share = has lesson time or absence of pupils who are not at the school in elever.csv that term: { $share } % of its rows, where { $limit } % are allowed
export_not_enrolled_beyond_share_advice = Export elever for the same terms and schools; raise the parameter unmatched_share to allow more
export_mentor_ends_before_start = has mentor periods that end before they start; the rows are left out
export_mentor_ends_before_start_advice = Correct from or tom
export_mentor_ends_before_start_beyond_share = has mentor periods that end before they start: { $share } % of its rows, where { $limit } % are allowed
export_mentor_ends_before_start_beyond_share_advice = See whether from and tom are swapped; raise the parameter unmatched_share to allow more
export_enrolment_ends_before_start = has pupils who leave the school before they are enrolled
export_enrolment_ends_before_start_advice = Correct inskriven or avslutad; leave out pupils who never came
export_impossible_birth_year = has years of birth that no pupil can have; the rows are left out
export_impossible_birth_year_advice = Correct the year, or leave the cell empty
export_impossible_birth_year_beyond_share = has years of birth that no pupil can have: { $share } % of its rows, where { $limit } % are allowed
export_impossible_birth_year_beyond_share_advice = Write the year with four digits (2005), or leave the column out; raise the parameter unmatched_share to allow more
export_no_pupils = leaves no pupil of the school forms and years that are evaluated
export_no_pupils_advice = See whether skolform in skolor.csv, arskurs and fodelsear are right, and whether skyddad is J for everybody
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
export_absence_of_day_and_lessons = has absence of a whole day, or of several lessons, beside lessons of the same pupil within it; they count once
export_absence_of_day_and_lessons_advice = Report each lesson by itself, or a whole day once
export_absence_beyond_lessons = has weeks with more absence than the pupil had lesson time; capped
export_absence_beyond_lessons_advice = See whether lessons were reported twice with different times, or whether lesson time is missing
export_grades_before_enrolment = has grades from before the pupil was enrolled; dropped
export_grades_before_enrolment_advice = Export elever for the same terms
export_two_grades_on_a_day = has two different grades of one subject or course on one day; the worse is kept
export_two_grades_on_a_day_advice = Keep the right grade
export_undated_grades_differ = has different grades of one subject or course in a term, some without a date; a dated grade is kept, otherwise the worse
export_undated_grades_differ_advice = Export the date of each grade, or keep only the grade that stands
export_no_course_points = has courses without points in upper secondary school; they count as 100 points
export_no_course_points_advice = Export the column poang
export_three_is_no_basis = has the grade code 3, read as no basis for a grade
export_three_is_no_basis_advice = In Statistics Sweden's list 3 means that the subject was not studied (adapted studies) and 9 no basis; if the export follows it, say so with the parameter grade_codes: scb
export_three_is_not_studied = has the grade code 3, read as a subject not studied (adapted studies), as Statistics Sweden's list has it
export_three_is_not_studied_advice = If 3 means no basis for a grade, say so with the parameter grade_codes: contract
export_unknown_subjects = has subjects that are not among the subject codes of Skolverket's regulations on grade catalogues; each counts as a subject, but as none that a rule of eligibility names
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
export_group_without_reports = has not one report for a class, year or unit of a school that otherwise has reports: { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }; absence is missing there, not zero
export_group_without_reports_advice = Export the reports of every class, also those kept elsewhere; if there was no absence, export a report of 0 minutes
export_group_at_zero = gives no absence at all for a class, year or unit of a school where others have some: { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }; it counts as zero
export_group_at_zero_advice = See whether all of the group's absence was exported, and whether an unknown was written as 0
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
export_absence_at_a_bound_advice = See whether all reports were exported, and whether times are in minutes
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
export_absence_implausible_advice = Compare with the school's own figures: a part of the export may be missing, or times may not be in minutes
export_absence_jumps = gives more than three times, or less than a third of, the school's usual absence for { $names }{ $more ->
    [0] {""}
   *[other] {" "}and { $more } more
  }
export_absence_jumps_advice = Compare with the school's own figures: a part of the export may be missing, or times may not be in minutes

export_coverage = Coverage by school and term: L lesson time, A absence reports, G grades; small letters: in part; -: none
export_coverage_letters = L A G
# `--help` for those who make exports (`cli/common.Bilingual`).
help_usage = Usage:
help_options = Options:
help_examples = Examples:
help_show = Show this message and exit.
help_exit = Exit codes: 0 done, 1 the data or results fail a check, 2 wrong use.
help_check =
    Check raw exports against the contract and tell all problems; nothing is written.

    First a line per file: what it was taken for, or that it was not read and what it looks like.
    Problems that stop ingest are then told alone. Without any, remarks follow, on rows and values
    that were counted, dropped or capped by rule; then what the exports cover by school and term, and
    which of the evaluation's questions they can answer: for each that they cannot, what is missing.
    Exit code 1 with problems that stop, as of pilot ingest and pilot run; 0 without.
help_ingest = Turn raw exports into processed tables and quality.json; all problems are told at once.
help_map =
    Look at a folder and write a first mapping: guesses, and open questions marked ???.

    Only names of files and columns are read into it, never a cell.
help_option_raw = Folder with the exports.
help_ingest_out = Folder for the processed tables.
help_map_out = File to write [default: the terminal]; an existing one is never replaced.
help_option_as_json = Print the problems as JSON.
help_option_evaluation = Folder that describes another pilot (see pilot new) [default: params].
help_option_scenario = Scenario whose `aliases` and rules say how the exports are read.
help_option_mapping = Mapping of other systems' files [default: mapping.yml beside the exports].
help_option_language = Language of the messages about the exports; the locale's by default.
help_option_show = Print a mapping that comes with the package, to start from.
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
    [damaged_text] { intake_looks_damaged_text }
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
export_intake_open_quote_advice = Write each quotation mark inside a field twice (""), and put quotation marks around the whole field
export_intake_workbook_parts = is a workbook of more than { $most } parts
export_intake_workbook_parts_advice = Save it again in Excel or LibreOffice
export_intake_workbook_unpacks = is a workbook that becomes unreasonably large when unpacked
export_intake_workbook_unpacks_advice = Save it again in Excel or LibreOffice
export_intake_workbook_entities = is a workbook with XML entities, which no spreadsheet program writes
export_intake_workbook_entities_advice = Save it again in Excel or LibreOffice
export_intake_workbook_far = has cells so far apart that its sheet would fill the memory
export_intake_workbook_far_advice = Delete stray cells below and to the right of the table
export_intake_workbook_damaged = is a damaged workbook
export_intake_workbook_damaged_advice = Save it again, without a password
export_intake_no_value = holds cells with an error (such as #N/A) or with a formula that has not been computed
export_intake_no_value_advice = Correct the formulas, or replace them by their values, and save the workbook in Excel or LibreOffice
export_intake_lost_digits = holds identifiers or school unit codes as numbers that have lost digits
export_intake_lost_digits_advice = Format the column as Text before filling it, and export again
export_intake_archive_too_large = unpacks to far more than any export
export_intake_archive_too_large_advice = Put the exports into the folder as they are
export_intake_archive_password = is protected by a password
export_intake_archive_password_advice = Unpack it, or pack it without a password
export_intake_archive_damaged = is a damaged archive
export_intake_archive_damaged_advice = Pack the exports again, or put them into the folder as they are
export_intake_archive_too_many = holds more than { $most } files
export_intake_archive_too_many_advice = Put the exports into the folder as they are
export_intake_archive_points_out = holds a file whose path leads outside the archive
export_intake_archive_points_out_advice = Pack the exports again, or put them into the folder as they are
export_intake_archive_link = holds a symbolic link
export_intake_archive_link_advice = Pack the files themselves
export_intake_json_damaged = begins as JSON but cannot be read as such throughout
export_intake_json_damaged_advice = Fetch it again; every record needs the standard's structure
export_intake_json_page_size = has a JSON page of more than { $most } MB
export_intake_json_page_size_advice = Fetch smaller pages (limit), or save one record per line
export_intake_json_pages = is the last page here, but its pageToken says that more follow
export_intake_json_pages_advice = Fetch the remaining pages, until pageToken is null, and put them beside it
export_intake_mapping_columns = lacks { $columns }, which the mapping's source { $source } reads
export_intake_mapping_columns_advice = It has { $found }; correct columns in the mapping
export_intake_mapping_several = { $step }: several rows of { $other } fit one row, so the join is not unique
export_intake_mapping_several_advice = Add a column to "on", or say several: first
export_intake_mapping_unmatched = { $step }: rows without a partner in { $other } were left out
export_intake_mapping_unmatched_advice = Export { $other } for the same pupils and dates
export_intake_mapping_repeated = holds records that are equal in everything to others of the same kind; they count once
export_intake_mapping_repeated_advice = Remove files and pages that were delivered twice
export_intake_mapping_equal = holds records that are equal in everything, in too many places to be a slip
export_intake_mapping_equal_advice = Export what tells them apart, such as each lesson's id or time. If the file holds everything twice, remove one copy
export_intake_mapping_left_out = { $step }: the columns { $columns } are not read
export_intake_mapping_left_out_advice = If they hold subjects or terms, name them in the mapping's unpivot
export_intake_mapping_unknown = { $step }: all of { $columns } are missing, and missing is not zero
export_intake_mapping_unknown_advice = Export the minutes of absence, 0 for a pupil who was there the whole lesson
export_intake_mapping_sum = { $step }: a cell such as { $shape } cannot be added: it is no number, is negative, or can be read in two ways
export_intake_mapping_sum_advice = Write plain numbers with a decimal comma (1500 or 1,5), and leave nothing else in the cells
export_intake_mapping_sum_empty = { $step }: a cell to be added is empty, and empty is not zero
export_intake_mapping_sum_empty_advice = Export the number, or 0 where it is known to be none
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
intake_looks_damaged_text = a damaged text, with NUL bytes
intake_looks_no_text = a file that is neither text nor a workbook
intake_looks_json = JSON
intake_looks_web_page = a web page or XML; save it as xlsx or CSV UTF-8
intake_looks_text = text without columns
intake_looks_empty = an empty file
intake_looks_hidden_sheet = a hidden sheet
intake_looks_foreign_sheet = a sheet with none of the contract's tables
intake_looks_foreign_table = a table of { $columns } columns that is none of the contract's tables
intake_looks_nested_archive = an archive within an archive; unpack it
export_rule_figure = must be a number, .. (suppressed), . (missing) or ~100
export_rule_figure_advice = Write figures as Skolverket does, with decimal comma

# Amounts in a reader's unit: `way` is less or more of what is counted, lower or higher of a measure.
amount_none = no difference
amount_bare = { $size } { $way ->
    [less] fewer
    [more] more
    [lower] lower
   *[higher] higher
  }
amount_measure = { $size } { $unit } { $way ->
    [lower] lower
   *[higher] higher
  }
amount_school_days = { $size } { $way ->
    [less] fewer
   *[more] more
  } days of absence per pupil per school year
amount_pupils = { $size } { $way ->
    [less] fewer
   *[more] more
  } pupils in a class of { $class }
amount_subjects = { $size } { $way ->
    [less] fewer
   *[more] more
  } of 100 { $form ->
    [GR] subjects
    [GY] courses
   *[other] subjects or courses
  }
short_measure = { $size } { $unit } { $way ->
    [lower] lower
   *[higher] higher
  }
short_school_days = { $size } { $way ->
    [less] fewer
   *[more] more
  } days per pupil per year
short_pupils = { $size } { $way ->
    [less] fewer
   *[more] more
  } in a class of { $class }
short_subjects = { $size } { $way ->
    [less] fewer
   *[more] more
  } of 100
amount_minutes_a_day = { $size } { $way ->
    [less] fewer
   *[more] more
  } minutes of absence a day
short_minutes_a_day = { $size } { $way ->
    [less] fewer
   *[more] more
  } minutes of absence a day
amount_hours_a_week = { $size } { $way ->
    [less] fewer
   *[more] more
  } hours a week
short_hours_a_week = { $size } { $way ->
    [less] fewer
   *[more] more
  } hours a week
span = { $first } to { $second }

# Where an estimate is about.
interval_level = { $percent }
place_all_pupils = in { $form }
place_teachers = in { $form }
place_pupils_answering = in { $form }
place_eligible_pupils = among { $form } pupils with earlier high absence
place_eligible_at_targeted = among pupils eligible for targeted support in { $form }
place_eligible_at_class = among eligible pupils at schools with class mentors in { $form }

# Strength of evidence, and the answer to a yes-or-no question in five words.
grade_strong = strong
grade_moderate = moderate
grade_weak = weak
grade_no_effect_of_interest = no effect of importance
grade_cannot_be_determined = cannot be determined
answer_better_strong = Yes
answer_better_moderate = Yes, probably
answer_better_weak = Yes, perhaps
answer_worse_strong = No, the opposite
answer_worse_moderate = No, probably the opposite
answer_worse_weak = No, perhaps the opposite
answer_none = No effect of importance
answer_points_better = Perhaps, but may be chance
answer_points_worse = Perhaps opposite, maybe chance
answer_open = Cannot be determined
answer_not_asked = No figures to compare

why_open = the interval includes zero
why_unbounded = too few schools for an interval
why_several = may be chance, as several main questions were asked
why_doubted = the effect is too small to matter, but { $n ->
    [one] one warning
   *[other] { $n } warnings
  }
why_small_assumed = it looks too small to matter, but that rests on an assumption
why_none = every effect in the interval is too small to matter
why_no_warning = no warning was raised
why_warnings = { $n ->
    [one] one warning: { $warnings }
   *[other] { $n } warnings: { $warnings }
  }
why_secondary = a secondary question
why_assumed = rests on an assumption about few schools
why_exploratory = the run departs from its plan
strength_why = { $grade }: { $why }

# A figure's title: what was seen.
finding_open = { $subject } { $place }: { $amount } at pilot schools than expected, but chance could do that
finding_effect = { $subject } { $place }: { $amount } at pilot schools than expected, and the interval excludes zero
finding_effect_of_several = { $subject } { $place }: { $amount } at pilot schools than expected; the interval, not adjusted for several questions, excludes zero
finding_none = The effect on { $outcome } { $place } cannot be determined

# Sentences about one estimate.
sentence_not_estimable = The effect on { $outcome } { $place } cannot be determined: { $why }.
sentence_unbounded = The effect on { $outcome } { $place } cannot be determined: with { $pilot } of { $schools } schools in the pilot no interval can be bounded (smallest possible p { $smallest }).
sentence_open = The effect on { $outcome } { $place } cannot be determined: anything from { $span } fits the data ({ $level } interval; { $pilot } of { $schools } schools).
sentence_effect = { $subject } { $place } came out { $amount } at pilot schools than the comparison schools' trend predicts ({ $level } interval { $span }; { $pilot } of { $schools } schools).
sentence_counted = That is { $span }.
sentence_detectable = Effects smaller than { $size } { $unit } would often have been missed.
sentence_several = Several main questions were asked; adjusted for that, this could be chance.
sentence_one_of_several = It is one of several main questions, and the interval is not adjusted for the others; the summary's answers are.
sentence_secondary = It is a secondary question, not adjusted for how many were asked: weak evidence at most.
sentence_assumption = This holds if { $assumption }; without that no p-value can fall below { $smallest }.
sentence_none = { $subject } { $place }: no effect of importance. The data fit { $span } ({ $level } interval; { $pilot } of { $schools } schools).
sentence_strength = Strength of evidence: { $grade }.
sentence_p = The p-value is { $p }; without assumptions the smallest possible is { $smallest }.
sentence_p_adjusted = The p-value is { $p }, and { $adjusted } adjusted for several questions (Holm); without assumptions the smallest possible is { $smallest }.
sentence_truth = True effect in these synthetic data: { $size } { $unit }.
assumption_ = none
assumption_variance_ratio = pilot schools' changes vary { $least } to { $bound } times as much as comparison schools'

# Cost.
money = SEK { $kronor }
cost_cost_per_pupil = Mentors' cost per pupil per school year
cost_cost_per_pupil_reaching_goals = Cost per additional pupil who reaches the goals in all { $form ->
    [GR] subjects
    [GY] courses
   *[other] subjects or courses
  }
cost_cost_per_day_of_absence = Cost per day of absence avoided
cost_is = { $cost }, { $form }: { $money }.
cost_is_between = { $cost }, { $form }: { $money } ({ $level } interval { $low } to { $high }).
cost_is_at_least = { $cost }, { $form }: at least { $low }, with no upper limit, as there may be no gain.
cost_is_no_gain = { $cost }, { $form }: the interval holds no gain at all.
cost_is_unknown = { $cost }, { $form }: cannot be determined.
cost_is_unknown_why = { $cost }, { $form }: cannot be determined ({ $why }).

# Warnings: short names, and what was seen.
warning_reporting_changed = reporting of absence changed
    .whether = whether reporting of absence changed
    .seen = The share of lesson time reported moved { $figure } percentage points more at pilot schools (limit { $limit }). Part of the difference in absence may lie in how it was recorded.
warning_drift_before_the_start = drift before the start
    .whether = whether schools drifted apart before the start
    .seen = Pilot schools drifted { $figure } percentage points a term from the others before the start.
warning_a_small_drift_would_overturn_it = a small drift would overturn it
    .whether = whether a small drift would overturn it
    .seen = { $size ->
        [none] The check for drift has a wider interval of its own, which does not exclude zero even without any drift. So drift cannot be ruled out as the explanation (limit { $limit } times the largest earlier change).
       *[some] A drift { $figure } times the largest earlier change would overturn the answer (limit { $limit }).
      }
warning_one_school_decides = one school decides
    .whether = whether one school decides
    .seen = Without one of the schools the estimate changes sign; it moves over { $figure } percentage points.
warning_an_effect_before_any_mentor = an effect before any mentor
    .whether = whether there is an effect before any mentor
    .seen = A start made up earlier has an 'effect' too (p { $figure }, limit { $limit }).
warning_pupils_left_unevenly = pupils left unevenly
    .whether = whether pupils left unevenly
    .seen = The share of pupils who left differs by { $figure } percentage points between pilot and comparison schools (limit { $limit }).
warning_unlike_before = unlike before the start
    .whether = whether schools were unlike before the start
    .seen = The schools were unlike before the start: { $figure } standard deviations (limit { $limit }).
warning_without_exceptional_terms_moves_it = { $exceptional_terms } moves it
    .whether = whether { $exceptional_terms } moves it
    .seen = Without { $exceptional_terms } the estimate moves { $figure } percentage points (limit { $limit }).
warning_ratio_moves_it = ratios move it
    .whether = whether ratios instead of differences move it
    .seen = Compared as ratios the estimate moves { $figure } percentage points (limit { $limit }).
warnings_none = No warning that bears on this answer was raised.
warnings_unknown = The data do not tell { $warnings }.
warning_unmade = { $warning } (could not be checked)

# The report: title, first page.
synthetic_notice = Synthetic data: not evidence about { $municipality }
report_synthetic = Synthetic data: not evidence about { $municipality }. All schools, pupils and numbers are made up.
report_imprint = { $commissioner } · { $author } · { $dated ->
    [none] analysis plan of { $date }
   *[other] { $dated } (analysis plan of { $date })
  } · version { $version }
report_exploratory = Exploratory: this run departs from the analysis plan.
report_answers = The answers
report_known = What is known
report_unknown = What is not known
report_cost_next = Cost and next step
known_nothing = No main result can be told from chance.
known_with = There is { $grade } evidence { $findings }.
known_that = that { $finding }
unknown_nothing = Every question has an answer.
unknown_whether = Whether { $findings }.
in_form = { $finding } in { $form }
known_C1 = { $way ->
    [better] absence fell
    [none] absence hardly moved
   *[worse] absence rose
  }
known_C2 = { $way ->
    [better] more pupils reached the goals
    [none] goal attainment hardly moved
   *[worse] fewer pupils reached the goals
  }
known_C3 = { $way ->
    [better] pupils with earlier high absence benefited
    [none] pupils with earlier high absence were hardly affected
   *[worse] pupils with earlier high absence did worse
  }
known_C4 = { $way ->
    [better] targeted support helped
    [none] targeted support hardly mattered
   *[worse] targeted support did harm
  }
known_C5 = { $way ->
    [better] teachers spent less time on other tasks
    [none] teachers' time hardly changed
   *[worse] teachers spent more time on other tasks
  }
known_C6 = { $way ->
    [better] pupils felt safer
    [none] pupils felt as safe as before
   *[worse] pupils felt less safe
  }
next_more = Mentors cost { $costs } per pupil per school year. Next, try more schools, drawn by lot.
next_none = Mentors cost { $costs } per pupil per school year. The main questions show no effect of importance to set against that.
next_weigh = Mentors cost { $costs } per pupil per school year. Weigh that against the gain.
next_more_drawn = Mentors cost { $costs } per pupil per school year. Next, try more schools.
next_no_cost_drawn = What mentors cost is not in the data; a next pilot needs more schools.
next_no_cost = What mentors cost is not in the data; a next pilot needs more schools, drawn by lot.
cost_in_form = { $money } ({ $form })
question_C1 = Did absence fall?
question_C2 = Did more pupils reach the goals?
question_C3 = Did pupils with earlier high absence benefit?
question_C4 = Did targeted support help?
question_C5 = Did teachers spend less time on other tasks?
question_C6 = Did pupils feel safer?
question_C7 = What did it cost?
page1_caption = { $form } unless stated, pilot against comparison schools. The line is the { $level } interval, the dot the estimate, the shaded band what is too small to matter.
page1_question = Question
page1_difference = Worse ← 0 → better
page1_answer = Answer
page1_strength = Strength, and why
page1_same = Where { $form } has no line of its own, its answer is the same.
interval_alt = Interval { $span }, { $side ->
    [better] wholly on the better side of zero
    [worse] wholly on the worse side of zero
    [touches] touching zero
   *[across] on both sides of zero
  }.
interval_alt_none = No interval.
key_strong = Strong:	the interval excludes zero and { $n ->
    [0] no warning was raised.
    [one] at most one warning was raised.
   *[other] at most { $n } warnings were raised.
  } A check that could not be made counts as a warning.
key_moderate = Moderate:	the interval excludes zero, with { $n ->
    [one] one warning.
   *[other] up to { $n } warnings.
  }
key_weak = Weak:	more warnings, a secondary question (not adjusted for how many were asked), or an answer that rests on an assumption.
key_none = No effect of importance:	every effect in the interval is too small to matter.
key_maybe = Perhaps, but may be chance:	the interval excludes zero, but no longer once adjusted for several main questions. Counts as cannot be determined.
key_open = Cannot be determined:	no effect and an effect both fit the data. It does not mean no effect.
report_key = Key to strength of evidence

# The report: the pages after it.
report_design = What was done, and how it is evaluated
design_untreated = A school with an unknown history, or that had mentors earlier, is no comparison school.
design_stopped = { $n ->
    [one] One pilot school
   *[other] { $n } pilot schools
  } had no mentors in some term after the start. Such terms still count as after the start: the answers are about having begun, not about having kept on.
design_schools = { $form }:	{ $pilot } of { $schools } schools had full-time mentors; together the { $schools } had { $pupils } pupils over the terms studied.
design_eligible = Earlier high absence means absence of { $rule }{ $when ->
    [none] { "" }
   *[other] , here in { $when }
  }. The same rule picks pupils at every school: { $counts }.
eligibility_rule = { $eligibility_absence } or more of lesson time, { $eligibility_lag } terms before the first mentors started
design_targeted = Pupils eligible for targeted support are such pupils at schools that targeted their mentors, and at comparison schools. There are { $counts }.
count_in_form = { $pupils } in { $form }
design_timeline = Schools with full-time mentors, term by term.
report_logic = How mentors were meant to work
logic_text = Each step is a question of its own. An arrow is a hope, not a finding.
logic_caption = The pilot's logic, and what else moves the same figures.
report_claimed = What was claimed, and what the data show
claimed_text = { $asked ->
    [yes] The press release drew on questionnaires to those involved. Here each claim meets the data.
   *[no] Here each claim of the press release meets the data.
  }
claimed_claim = Claim
claimed_needs = What it would take
claimed_data = What the data show
claimed_caption = The press release's claims, one by one.
claim_support = Pupils with high absence got better support.
    .needs = Their absence falls more than for such pupils elsewhere.
claim_chances = They got better chances to reach the goals.
    .needs = More of them reach the goals than elsewhere.
claim_targeted = Targeted pupils reached the goals more often.
    .needs = More of them do than of pupils picked by the same rule elsewhere.
claim_aim = The pilot served its purpose, say all four roles.
    .needs = Answers before and after, at comparison schools too.
    .data = Cannot be determined: satisfaction afterwards is no effect.
claim_safety = Single pupils and larger groups feel safer.
    .needs = The safety index rises more than at comparison schools.
claim_teaching = Teachers could teach.
    .needs = Their hours on other tasks fall more than elsewhere.
claim_examination = More pupils will graduate.
    .needs = Pupils followed until they leave upper secondary school.
    .data = Cannot be determined: they had not left when the data end.
claimed_answer = { $form }: { $answer } ({ $span }; { $grade })
claimed_answer_bare = { $form }: { $answer } ({ $grade })
claimed_points = { $way ->
    [better] perhaps
   *[worse] perhaps the opposite
  }
claimed_naive = Comparing before and after alone misleads, as pupils picked when their absence is high tend to fall back anyway. This is how absence changed among pupils with earlier high absence at pilot and at comparison schools. Last comes the change at pilot schools a year earlier, before there were any mentors:
claimed_naive_form = { $form }:	{ $pilot } percentage points at pilot and { $others } at comparison schools; { $earlier } at pilot schools a year earlier.
report_results = The results, question by question
results_response = Nothing is shown for a group with fewer than { $survey_min_answers } answers, or where fewer than { $survey_min_response } of those asked answered. Mentors and principals are never shown by school.
results_joint = Over all school forms together: a test that the pilot changed nothing in any of them has p { $p } (smallest possible { $smallest }; not adjusted for the number of questions). It says nothing of how large an effect is, nor where.
results_caption = { $question } Secondary outcomes.
results_not_asked = Cannot be determined: there are no figures to compare.
results_reporting = How was absence recorded?
reporting_text = Better recording looks like higher absence. The share of lesson time that somebody reported is a matter of data quality, not an effect on pupils, and is not graded.
report_holds = Does the answer hold?
holds_reporting = The share of lesson time reported { $way ->
    [less] fell
   *[more] rose
  } { $size } points more at pilot schools, which moves this variant by itself.
holds_most = { $form }:	the variant ‘{ $variant }’ moves the estimate most, from { $from } to { $to } { $unit }{ $span ->
    [none] .
   *[other] {" "}({ $level } interval { $span }).
  }
holds_none = No other way of estimating was possible.
holds_caption = { $question } The estimate under other choices.
variant_primary = As planned
variant_by_pupils = Every pupil counts once
variant_ratio = Ratios instead of differences
variant_stayers = Pupils seen before and after only
variant_baseline_covariates = Regression with baseline covariates
variant_callaway = Callaway and Sant'Anna's estimator
variant_unreported_present = Unreported time read as present
variant_unreported_dropped = Unreported time left out
variant_unreported_absent = Unreported time read as absent
variant_without_remote_weeks = Without remote weeks
# Where the run has none.
exceptional_terms_none = exceptional terms (none)
variant_without_exceptional_terms = Without { $exceptional_terms }
term_spring = spring { $year }
term_autumn = autumn { $year }
variant_without_prestudy_schools = Without schools of the earlier trial
variant_without_first_year = Without the first two terms
variant_without_last_term = Without the last term
variant_pupils_there_before = Pupils enrolled before the start only
variant_imputed = Missing outcomes imputed
variant_against_other_pupils_of_the_school = Against the school's other pupils
variant_left_out = Each school left out in turn
variant_honest = Had schools drifted as before
variant_straight_trend = Had a straight trend gone on
variant_placebo_year_earlier = A year earlier (should be zero)
variant_lowest_possible = All unreported time presence at pilot schools, absence elsewhere
variant_highest_possible = All unreported time absence at pilot schools, presence elsewhere
variant_lee_lower = Pupils who would stay anywhere, lower bound (Lee)
variant_lee_upper = Pupils who would stay anywhere, upper bound (Lee)
variant_curve_median = Median of all defensible choices
check_none = Every warning of the plan
verdict_holds = holds
verdict_moves = moves it
verdict_turns = turns it
verdict_clear = clear
verdict_raised = warning
verdict_unknown = unknown
variant_left_out_lowest = Without one of the schools (lowest estimate)
variant_left_out_highest = Without one of the schools (highest estimate)
report_decisions = The board's decisions
decision_organisation = Class or targeted mentors?
organisation_text = How schools organised their mentors was not drawn by lot, so a difference describes these schools, and does not show what causes it.
organisation_caption = Effects on pupils with earlier high absence at schools with each kind of mentor, in { $unit } ({ $level } interval), and how much more or less targeted mentors do.
organisation_column_what = Effect on
organisation_column_targeted = Targeted mentors
organisation_column_class = Class mentors
organisation_column_difference = Difference
organisation_column_p = p (smallest possible)
organisation_open = It cannot be determined which kind of mentor does more: { $n ->
    [one] the difference may be chance{ $p ->
        [none] { "" }
       *[other] { " " }(p { $p })
    }.
   *[other] once the { $n } comparisons are counted together, each difference may be chance{ $p ->
        [none] { "" }
       *[other] { " " }(Holm's method, lowest p { $p })
    }.
}
organisation_differs = In { $form } the effect on { $outcome } is { $amount } with targeted than with class mentors, also once the comparisons are counted together (Holm's method, p { $p }). Weak evidence, as the plan did not ask.
organisation_assumption = The intervals hold if schools with one kind of mentor vary at most twice as much as those with the other. Without that assumption, no p-value can fall below the smallest possible.
organisation_synthetic = The simulator behind these synthetic data assumes, unless told otherwise, that targeted mentors help their pupils more than class mentors do. So they say nothing of which way works better.
organisation_unknown = In { $form } the two cannot be compared ({ $why }).
decision_cost = What did it cost?
cost_text = Costs are what schools reported for their mentors, in the prices of { $years ->
    [none] the years when they worked
   *[other] { $years }
  }. What mentors replaced is not deducted, nor is the value of any time that teachers gained. Where there may be no gain, a cost per gain has no upper limit.
cost_known_of = In { $form } the cost is known in full at { $n } of { $pilot } pilot schools. Terms without a cost count neither money nor pupils.
cost_graded = The costs per gain follow the intervals of the answers on page 1 and are as uncertain as these.
decision_next = What should the next pilot be?
next_text = If schools are drawn by lot, nobody has to choose what to compare them with. In four cases of five this pilot would have found effects of at least { $effects }.
next_schools = Schools, half with mentors
next_caption = The smallest effect on { $outcome } that a pilot drawn by lot finds in four cases of five, if schools vary as here.
next_command = How much schools vary was measured on few schools, so these figures are uncertain too. The command 'pilot power' computes other designs.
organisation_class = class mentors
organisation_targeted = targeted mentors
cost_mentored_text = The cost per mentored pupil is another figure, as mentors do not have every pupil at the school:
cost_mentored = { $form }, { $organisation }:	{ $money } per mentored pupil per school year.
net_text = Teachers' time has a value, too. The effect on a teacher's hours a week on other tasks, times the teachers per pupil and the weeks of a school year, comes to this many hours freed, as uncertain as the answer about teachers:
net_hours = { $form }:	{ $hours } hours per pupil per school year ({ $level } interval { $low } to { $high }).
net_worth = If a teacher's hour is worth (SEK)
net_between = { $net } ({ $low } to { $high })
net_caption = Mentors' cost per pupil per school year (SEK) after the value of teachers' time, with its interval. Below zero the time freed is worth more than the mentors cost.
break_even_text = What it is worth that one more pupil reaches the goals is for the board to judge. The table says how many more pupils in a class of { $class } must do so for the mentors to pay for themselves.
break_even_worth = If each such pupil is worth (SEK)
break_even_found = Estimated interval
break_even_caption = How many more pupils in a class of { $class } it takes for mentors to pay for themselves.
effect_in_form = { $size } in { $form }
report_limits = What this does not show
limits_selection_drawn = Selection:	{ $chosen } The groups therefore differ by chance alone. The intervals allow for differences before the start; they do not count against an answer. The answer is about schools such as these.
limits_selection = Selection:	{ $chosen } If schools joined because they were about to change, the comparison is wrong.
limits_chosen = { $drawn ->
    [yes] the schools were drawn by lot.
   *[no] the schools were not drawn by lot.
  }
limits_spillover = Spill-over:	an effect on a pilot school's other pupils is part of the answers about all pupils. An effect on comparison schools would make them too small.
limits_harms = Harms:	stigma, or less contact between teacher and pupil, was not measured.
limits_subgroups = Groups:	{ $groups ->
    [none] the plan names no groups of pupils, so none are described.
    [withheld] the plan names groups of pupils, but none can be shown: they are too small, or nothing is known about them.
   *[described] only those named in the plan are described, in the appendix. They are few and not tested: a difference between groups is no finding.
  }
limits_ethics = Data protection:	pupils' identities are replaced by keyed codes before any analysis, small groups are suppressed, and nobody with protected identity is shown. The municipality is the controller: legal basis and, where an evaluation is research, ethical review are for it to settle before real exports are used.
limits_interests = Funding and interests:	{ $told }
report_method = Appendix: method
method_estimand = Estimand: the mean effect at pilot schools in the terms after their start, each school counting once, for all pupils enrolled there.
method_estimator = Estimator: each pilot school's change from before to after, minus the comparison schools' over the same terms, adjusted for grade, sex, background and parents' education.
method_test = Test and interval: { $methods }. One number per school enters, so that pupils are never counted as if each were an independent trial.
method_assumption = Assumption: { $assumption }. Without it, no test can reach a p-value below the smallest possible one, printed beside each p.
method_several = Several questions: p-values of the { $n } main questions are adjusted by Holm's method within each school form.
method_icc = Likeness within schools: the intra-class correlation of { $outcome } ({ $who }) is { $values }.
value_in_form = { $value } in { $form }
method_grades = Grades follow the rule of the plan; the key is on page 1. Secondary and exploratory results are never more than weak.
method_plan = The plan was frozen on { $date } and has { $n ->
    [0] not been amended.
    [one] been amended once, on { $last }.
   *[other] been amended { $n } times, last on { $last }.
  }{ $digest ->
    [none] { "" }
   *[other] { " " }SHA-256 of plan and code: { $digest }.
  }
method_units = One school day is one of { $school_days } a year, the least a Swedish school year may have. Shares of pupils are converted to a class of { $class }.
method_data = { $read } rows were read from { $files } files and { $kept } kept; the rest were dropped by rules that are counted one by one.
method_data_at_least = { $read } rows were read from { $files } files and at least { $kept } kept; the rest were dropped by rules that are counted one by one.
method_departs = { $parameter }: planned { $planned }, used { $used }
report_tables = Appendix: tables
response_cell = { $share } ({ $answers })
tables_main = All main estimates, { $form }
means_caption = Means before and after the start: the mean of terms, each school counting once.
means_head = { $group }, { $period }
tables_subgroups = { $outcome }: change from before to after the first start by group of pupils ({ $unit }; means of schools, each counting once). Described, not tested. A dash: too few to show.
column_subgroup = Group
subgroup_sex_girl = Girls
subgroup_sex_boy = Boys
subgroup_foreign_background_0 = Swedish background
subgroup_foreign_background_1 = Foreign background
subgroup_newly_arrived_0 = Not newly arrived
subgroup_newly_arrived_1 = Newly arrived
subgroup_parental_education_1 = Parents: compulsory school
subgroup_parental_education_2 = Parents: upper secondary school
subgroup_parental_education_3 = Parents: higher education
subgroup_grade_name = Grade { $level }
method_amended = What was amended, and when:
tables_response = Response to the questionnaires, per cent (number of answers)
column_outcome = Outcome
column_school = School
column_where = Among
among_all_pupils = all pupils
among_eligible_pupils = pupils with earlier high absence
among_eligible_at_targeted = pupils eligible for targeted support
among_eligible_at_class = pupils with earlier high absence at schools with class mentors
among_others_at_targeted = other pupils at schools with targeted mentors
among_teachers = teachers
among_pupils_answering = pupils who answered
column_form = School form
column_difference = Difference, { $unit } ({ $level } interval)
column_difference_none = Difference ({ $level } interval)
column_difference_mixed = Difference, { $unit } unless stated ({ $level } interval)
difference_cell = { $size } ({ $span })
difference_cell_unit = { $size } ({ $span }) { $unit }
column_estimate = Estimate
column_interval = Interval
column_unit = Unit
column_p = p
column_g = g
column_smallest = Smallest p
column_schools = Pilot / all
column_strength = Strength
column_who = Who
column_group = Schools
column_wave = Wave
column_share = Answered (%)
column_answers = Answers
group_pilot_schools = pilot
group_comparison_schools = comparison
who_teachers = Teachers
who_principals = Principals
who_mentors = Mentors
who_pupils_answering = Pupils
table_suppressed = suppressed
table_unknown = not known
table_unbounded = not bounded
table_ungraded = not graded

# The report: contents, numbers, who was studied, research, references, glossary.
report_contents = Contents
number_table = Table
number_figure = Figure
report_studied = Who was studied
flow_text = Pupils are counted in the last term before the first mentors started. Nobody is left out for having no mentor: a pilot school's pupils count there whatever they received.
without_caption = Pupils who lack a value in some term after the first start, per cent of those enrolled then. A dash: nobody, or too few to show.
flow_caption = Schools and pupils, and how many left{ $joined ->
    [yes] {" "}or joined. Joined: of pupils beyond the first grade a year later, those who were at none of the schools before the start
   *[no] { "" }
  }. A dash: none, or too few to show.
flow_arm = Group
flow_schools = Schools
flow_pupils = Pupils before the start
flow_left = Left within a year (%)
flow_joined = Joined within a year (%)
flow_left_form = { $form }:	the shares that left differ by { $size } percentage points, { $within ->
    [yes] within
   *[no] beyond
  } the { $limit } that What Works Clearinghouse's cautious boundary allows.
balance_title = How alike the schools were before the start
balance_text = A difference in standard deviations (Hedges' g; for shares of pupils the Cox index) up to 0.05 is small and one up to 0.25 can be adjusted for. Beyond that, What Works Clearinghouse holds that adjustment is not enough; such differences (before rounding) are marked with an asterisk. Comparing changes over time removes differences that are constant, not those that grow.
balance_unlike = { $form }:	pilot schools differed too much in { $what }.
balance_caption = Pupils in { $form } in the last term before the start: means, pupils' standard deviation within the groups (SD, in the mean's unit; percentage points for shares), and the difference in standard deviations (g). A dash: too few pupils to show, or not needed for a share of pupils.
balance_pilot = Pilot schools
balance_comparison = Comparison schools
balance_sd = SD
balance_g = Difference (g)
balance_what = What
balance_too_far = { $size } *
delivery_title = What pupils got
delivery_text = { $everybody ->
    [yes] The rule is the evaluation's own: pupils whom it picks at a pilot school with targeted mentors need not have had one.
   *[no] Not every pupil whom the rule picks at a pilot school with targeted mentors had one.
  } The share with a mentor was higher than for such pupils elsewhere by:
delivery_share = { $form }:	{ $share } percentage points (no interval can be bounded).
delivery_share_between = { $form }:	{ $share } percentage points ({ $level } interval { $span }).
posts_text = Mentors' full-time equivalents and the pupils they had, as the schools reported. Shown are the terms in which every school with that kind of mentor had one.
posts_caption = Mentors and their pupils, by school form, kind of mentor and term. Full-time equivalents to the nearest half, pupils to the nearest ten.
posts_kind = School form and mentors
posts_term = Term
posts_schools = Schools
posts_posts = Full-time equivalents
posts_caseload = Pupils per full-time mentor
posts_pupils = Pupils with a mentor
delivery_one_school = { $form }, { $mentors }:	not shown, as { $kinds ->
    [one] only one school had them
   *[other] each kind was at one school only
}.
delivery_missing = No single school's posts or pupils are shown, as they would reveal how many pupils were picked there. Nor do the data show who chose the pupils and on what grounds, how often mentor and pupil met, or what they did.
report_research = Research on similar programmes
research_text = No study of full-time mentors in Swedish schools with a comparison group was found. The nearest ones point in different directions: one randomised study found four fewer days of absence in one of two age groups, others small effects or none.
research_caption = What other studies show.
research_study = Study
research_design = Design
research_found = Result
research_uncertainty = Uncertainty
study_check_connect = Check & Connect, Chicago
    .design = Randomised, 23 schools; 765 pupils were given a full-time mentor for two years
    .found = 4.2 fewer days of absence in grades 5 to 7; none in grades 1 to 4. No effect on grades or tests.
    .uncertainty = Not reported in the abstract
study_iko = IKO, Norway
    .design = Schools randomised, 42 upper secondary schools, 7,677 pupils
    .found = No effect on absence, completion or results; none for pupils at risk either.
    .uncertainty = Not significant; interval not reported in the abstract
study_diplomas_now = Diplomas Now, USA
    .design = Schools randomised, 62 schools, grades 6 and 9
    .found = 3.6 percentage points more pupils without any warning sign.
    .uncertainty = Not reported in the summary
study_danish_aides = Teachers' aides, Denmark
    .design = Randomised, 105 schools
    .found = Better test results.
    .uncertainty = Not reported here
study_ifau = Coaching for Teaching, Sweden
    .design = Comparison over time, 10 lower secondary schools
    .found = Better results in English; no significant effect on other outcomes.
    .uncertainty = Not reported here
study_success_mentors = Success Mentors, New York
    .design = Matched comparison
    .found = About nine more days at school were claimed; What Works Clearinghouse found no analysis that meets its standards.
    .uncertainty = Cannot be judged
study_linnaeus = Full-time mentors, Sweden
    .design = Two lower secondary schools, no comparison
    .found = Teachers felt less stress but taught more hours; their workload felt the same.
    .uncertainty = Cannot be judged
study_eef = EEF's review of attendance
    .design = Review of 72 studies
    .found = Mixed results for mentors; the evidence is weak.
    .uncertainty = No common estimate
report_references = References
report_glossary = Glossary
glossary_interval = Interval:	the effects that are compatible with the data. If the assumptions hold, at least { $ci_level } of such intervals hold the true effect.
glossary_p = p-value:	how often chance alone would show a difference at least this large. The smallest possible one is set by the number of schools.
glossary_points = Percentage point:	the difference between two shares: from 10 to 12 per cent is 2 percentage points.
glossary_merit = Merit rating:	the sum of a pupil's best 16 grades (17 with a modern language), at most 340.
glossary_detectable = Minimum detectable effect:	an effect that this design would have found four times in five.
glossary_goals = Reaching the goals:	at least the grade E. ‘Registered’ counts every subject or course that a pupil took, ‘graded’ only those in which a grade could be set.
glossary_persistent = Absent { $persistent_absence } or more:	absence of { $persistent_absence } or more of a pupil's lesson time in a term.
glossary_did = Difference-in-differences:	the change at pilot schools minus the change at comparison schools.
glossary_g = Hedges' g:	a difference in standard deviations.

# Captions of the report's pictures, by their file's stem.
picture_trends_absence_share = Absence by term at pilot and comparison schools (per cent of { $absence_coding ->
    [dropped] reported
   *[other] scheduled
  } lesson time).
picture_coefficients_attendance = Effects on absence, with intervals.
picture_coefficients_goals = Effects on goal attainment, with intervals.
picture_reversion_absence_share = Pupils picked when their absence was high fall back by themselves.
picture_coefficients_eligible = Effects among pupils with earlier high absence.
picture_coefficients_targeted = Effects among pupils eligible for targeted support.
picture_coefficients_hours = Effects on teachers' hours a week.
picture_survey_roles = Four roles side by side: a description, not an effect.
picture_survey_themes = What free-text answers speak of: a description, not an effect.
picture_trends_safety_index = Pupils' safety index by wave.

# What `pilot check` says of each claim before anything is estimated.
terms_lacking = No pupils in { $terms }: the analysis is without these terms. Add their exports, or set first_term and last_term.
export_answerable = What these exports can answer, question by question:
answerable_yes = can be answered
answerable_no = cannot be answered: { $lacks }
lacks_term = the exports hold no term of the analysis; set first_term and last_term
lacks_pupils = no pupils; add elever.csv (the schools' public figures alone: pilot public)
lacks_pilot_school = no pilot school in the exposure register (exponering.csv)
lacks_comparison_school = no comparison school: list the other schools in exponering.csv, term by term, with status ingen
lacks_lesson_time = no lesson time; add undervisningstid.csv (or totals per pupil and term: narvarosummor.csv, with schemalagt)
lacks_lesson_time_before = no lesson time before the start at the pilot or the comparison schools
lacks_lesson_time_after = no lesson time after the start at the pilot or the comparison schools
lacks_lesson_time_together = no pilot school has lesson time both before and after its own start, in terms in which a comparison school has them too
lacks_absence = no absence; add franvaro.csv
lacks_absence_before = no absence before the start at the pilot or the comparison schools
lacks_absence_after = no absence after the start at the pilot or the comparison schools
lacks_absence_together = no pilot school has absence both before and after its own start, in terms in which a comparison school has them too
lacks_grades = no grades; add betyg.csv
lacks_grades_before = no grades before the start at the pilot or the comparison schools
lacks_grades_after = no grades after the start at the pilot or the comparison schools
lacks_grades_together = no pilot school has grades both before and after its own start, in terms in which a comparison school has them too
lacks_selection_term = no absence known { $eligibility_lag } terms before the first start, by which pupils are picked
lacks_eligible_pupils = no pupil had high absence then ({ $eligibility_absence } of lesson time or more) and is seen in another term
lacks_eligible_followed = no pupil with earlier high absence can be followed from before to after the start of a pilot school, beside such pupils of a comparison school
lacks_targeted_school = no pilot school that targeted its mentors (organisation riktad)
lacks_targeted_followed = no pupil with earlier high absence at a school that targeted its mentors can be followed from before to after its start, with grades, beside such pupils of a comparison school
lacks_teacher_answers = no teacher's answers; add personalenkat.csv
lacks_hours_other_asked = the teachers' questionnaire (instruments in evaluation.yml) does not ask about hours
lacks_teacher_answers_before = no answers of teachers before the start at the pilot or the comparison schools
lacks_teacher_answers_after = no answers of teachers after the start at the pilot or the comparison schools
lacks_teacher_answers_together = no pilot school has answers of teachers both before and after its own start, in terms in which a comparison school has them too
lacks_teacher_answers_few = too few teachers answered for anything to be shown: it takes { $survey_min_answers } answers, { $survey_min_response } of those asked and two schools, each before and after the start, among pilot schools and among comparison schools
lacks_pupil_answers = no pupil's answers; add elevenkat.csv
lacks_safety_index_asked = the pupils' questionnaire (instruments in evaluation.yml) has no safety_index
lacks_pupil_answers_before = no answers of pupils before the start at the pilot or the comparison schools
lacks_pupil_answers_after = no answers of pupils after the start at the pilot or the comparison schools
lacks_pupil_answers_together = no pilot school has answers of pupils both before and after its own start, in terms in which a comparison school has them too
lacks_pupil_answers_few = too few pupils answered for anything to be shown: it takes { $survey_min_answers } answers, { $survey_min_response } of those asked and two schools, each before and after the start, among pilot schools and among comparison schools
lacks_cost = no cost of mentors; fill in kostnad_kr in exponering.csv

# Titles of figures on the site: the kind, then what it shows.
figure_logic_model = How mentors were meant to work
figure_exposure_timeline = Who had full-time mentors, and when
figure_balance = How alike the schools were before the start
figure_trends = Term by term
figure_coefficients = Effects
figure_coefficients_attendance = attendance
figure_coefficients_goals = goal attainment
figure_coefficients_eligible = pupils with earlier high absence
figure_coefficients_targeted = targeted support
figure_coefficients_hours = teachers' hours
figure_coefficients_indices = workload and safety
figure_reversion = Pupils picked for high absence fall back by themselves
figure_survey_roles = Four roles side by side
figure_survey_themes = What free-text answers speak of
figure_survey_items = Answers to each question
figure_survey_items_pupil = pupils
figure_survey_items_teacher = teachers
figure_event_study = Effect by term since the start
figure_left_out = One school left out
figure_holds = Does the answer hold?
figure_holds_title = { $question } Planned { $planned }, other choices { $span } { $unit } ({ $form })
figure_holds_caption = Dots are estimates, lines { $level } % intervals; a hollow dot has none. The dotted line is the planned estimate.
figure_holds_zone = Shaded: ±{ $zone } { $unit }, too small to matter.
figure_holds_bound = Dashed: all effects that fit, had the schools drifted apart after the start as much as ever before it, or on along the straight trend before it (honest DiD).
figure_holds_alt = Dot plot. { $parts }.
figure_pilot_from = pilot from { $term }
figure_school_changes = School by school
figure_school_changes_title = { $question } Better than the comparison schools’ mean at { $better } of { $all } pilot schools ({ $form })
figure_school_changes_count = { $better } of { $all } better
figure_school_changes_caption = A dot is a school, a vertical line the mean of its group. Zero is the comparison schools’ mean change.
figure_school_changes_alt = Dots on lines, a dot a school. { $parts }.
school_changes_text = Each dot shows how much more, or less, the outcome changed at a school than at the comparison schools on average. By chance alone about half of the pilot schools would be expected on the better side, but with so few schools, all compared with the same mean, it is not rare that all of them are. The figure names no school. Its values are computed from published estimates with each school left out, which are rounded, so a dot may be slightly off.
school_changes_picture = Each school’s change after the start, less the comparison schools’ mean change.
figure_drift = How large a drift would overturn the answer
figure_specification_curve = What other choices give
figure_published_effects = Published effects beside this pilot's
figure_size_and_power = How often each test errs, and what it finds

# Three made-up pilots side by side.
side_title = Three reports side by side
side_notice = Synthetic data: all three pilots, their schools, pupils and numbers are made up.
side_text = Three made-up pilots, evaluated in the same way. As their data are made up, the truth is known: the diamond is the true effect.
side_yes = A clear yes:	the whole interval lies on the better side of zero, and no warning weakens it.
side_no = A clear no:	the whole interval lies in the shaded band, where effects are too small to matter.
side_open = Cannot be determined:	the interval holds zero, and effects that matter too. That is not a no: with few schools there may well be an effect.
side_pilots = The three pilots, { $form }.
side_column_pilot = Pilot
side_column_schools = Schools with mentors
side_column_chosen = How they were chosen
side_column_pupils = Pupils
side_column_truth = True effect
side_schools = { $pilot } of { $schools }
side_chosen = { $lot ->
    [yes] By lot
   *[no] Not by lot
  }
side_key = The line is the { $level } interval, the dot the estimate, the shaded band what is too small to matter. Each table is drawn to one scale.
side_caption = { $outcome } among { $among }.
side_truth = { $size }. { $held ->
    [yes] The interval holds it.
    [no] The interval misses it.
   *[none] There is no interval.
  }
side_unknown = Not known.
side_held = { $held } of the { $n } intervals hold the true effect. In the long run { $share } of intervals should. Chance was drawn once: no other draw was tried first.
side_exaggerated = { $n } estimates have an interval without zero. { $larger } of them are larger than the true effect; the median one is { $factor } times as large{ $none ->
    [0] .
   *[other] , and { $none } show an effect that is not there.
  } This is to be expected: a small pilot finds above all the effects that chance has enlarged.
side_naive = What before and after alone would have claimed
side_naive_text = Pupils picked when their absence is high tend to have less of it later, with or without mentors. To compare them before and after, as is often done, counts that as an effect.
side_asked = Asking afterwards alone, as satisfaction often is: pupils at pilot schools in { $pilot } gave their safety { $after } of { $most }. Before there were any mentors they gave { $before }, and the true effect is { $truth }. A high number afterwards is no effect. How content people are with mentors has nothing to be compared with at all: only pilot schools have mentors to judge.
side_naive_caption = Absence of pupils with earlier high absence: change at pilot schools, this evaluation's estimate, and the true effect.
side_column_naive = Before and after alone
side_column_estimate = This evaluation's estimate
side_whole = To make the other two reports:

# Words inside figures (`figures/`), of the frame of HTML pages and the site's menu, and a language's own name.
language_in = in English
nav_index = Summary
nav_report = Report
nav_three_reports = Three reports side by side
nav_figures = Figures
nav_decisions = Decisions
nav_method = Method
nav_plan = Plan
nav_explorer = Explore the specifications
nav_estimates = All estimates
nav_quality = Data quality
page_skip = Skip to the content
page_pages = Pages
figure_watermark = SYNTHETIC DATA
figure_panels = Panels: { $names }.
figure_pilot = Pilot
figure_comparison = Comparison
figure_pilot_schools = pilot schools
figure_comparison_schools = comparison schools
figure_interval_none = no bounded interval
figure_line_chart = Line chart. { $parts }.
figure_effect = Effect ({ $unit })

figure_trends_title = { $outcome } at pilot and comparison schools
figure_trends_finding = { $outcome } in { $form }: from { $pilot }{ $unit } at pilot schools, from { $comparison }{ $unit } at comparison schools
figure_trends_moved = { $first } to { $last }
figure_trends_caption = Mean of schools, each counting once{ $band ->
    [yes] ; band: one standard error over schools
   *[no] { "" }
  }. Dotted lines: the pilot's start terms.
figure_trends_rounded = Means are rounded to steps of up to { $step } { $unit }, as one person alone could move them by that much.
figure_trends_schools = { $n } schools
figure_trends_start = start
figure_marked_remote = remote
figure_marked_hatched = Hatched: taught remotely, { $terms }.
figure_marked_share = { $share } of { $term }
figure_event_study_marked = { $several ->
    [true] Shaded: terms in which some of the pilot schools met it, as they started at different times.
   *[false] Shaded: terms in which all schools met it.
  }
figure_trends_part = { $form }, { $schools }: { $first } { $first_term }, { $last } { $last_term }

figure_against_baseline_title = { $title }: { $pilot } percentage points at pilot schools and { $comparison } at comparison schools in { $term } ({ $form })
figure_by_band_title = { $title }: { $first } % with absence of { $first_band }, { $last } % with { $last_band } (pilot schools after the start, { $form })
figure_by_school_title = { $title }: { $first } % by school in { $first_term }, { $last } % in { $last_term }
figure_line_of = { $arm }, { $period }

figure_reversion_title = { $outcome } of pupils picked on high absence, { $form }
figure_reversion_finding = { $outcome } of pupils picked on high absence, { $form }: from { $first } to { $second } % in a term without mentors
figure_reversion_caption = Pupils over the limit in the selection term (hollow markers), by the school they attended then. They fall back by themselves (title: at comparison schools): compare pilot with comparison schools, never with the selection term. Dotted line: the start (a year earlier nothing started).
figure_reversion_pilot = The pilot
figure_reversion_placebo = The same rule a year earlier
figure_reversion_part = { $panel }, { $schools }: { $selected } when selected, { $last } { $last_term }
figure_reversion_alt = Line charts. { $parts }.

figure_event_study_title = { $outcome }, { $form }: { $span } { $unit } by term after the start; { $all ->
    [0] no interval is bounded
   *[other] { $n } of { $all } intervals exclude zero
  }
figure_event_study_terms = Terms since the start (0 is the first pilot term)
figure_event_study_difference = Difference ({ $unit })
figure_event_study_bars = Against the last term before the start. Bars: { $level } % intervals by the primary test.
figure_event_study_unbounded = No interval is bounded: too few schools are treated.
figure_event_study_joint = Joint test of earlier terms: p = { $p }.
figure_event_study_schools = { $pilot } pilot schools of { $schools } at most, { $pupils } pupils.
figure_event_study_alt = Event study, { $unit }. Estimates by terms since the start: { $points }.

figure_coefficients_truth = Diamonds: the true effects, known as the data are synthetic. Dots and lines: estimates and
figure_coefficients_intervals = { $level } % intervals.
figure_coefficients_schools = { $form }: { $pilot } pilot schools of { $schools }
figure_coefficients_better = better
figure_coefficients_worse = worse
figure_coefficients_alt = Coefficient plot. { $parts }.

figure_left_out_title = { $outcome }, { $form }: between { $first } and { $second } { $unit }, whichever school is left out
figure_sweep_title = { $outcome }, { $form }: a sweep

figure_compared_title = Primary estimates of two runs: { $n } of { $all } differ
figure_compared_caption = Bars: intervals where the design bounds them.
figure_compared_part = { $row }: { $a } and { $b }
figure_compared_alt = Estimates of { $a } and { $b }. { $parts }.

figure_exposure_title = { $pilot } of { $schools } schools had full-time mentors, the first from { $first }
figure_exposure_caption = From the exposure register, the only source of who is treated.
figure_exposure_start = { $school } from { $term }
figure_exposure_alt = Timeline of schools by term. Pilot schools: { $starts }.
figure_exposure_none = no mentors
figure_exposure_prestudy = pre-study
figure_exposure_pilot_class = pilot, whole classes
figure_exposure_pilot_targeted = pilot, targeted pupils
figure_exposure_unknown = unknown

figure_balance_title = Before the start schools differed most in { $covariate } in { $form } ({ $g } standard deviations)
figure_balance_caption = Last term before the first start. Green: within { $small } standard deviations; beyond the dashed lines ({ $large }) adjustment does not suffice (What Works Clearinghouse).
figure_balance_axis = Hedges' g (pilot minus comparison)
figure_balance_alt = Dot plot of baseline differences in standard deviations. The largest is { $covariate } ({ $g }).

figure_size_title = Where there is no effect, the planned test finds one in at most { $planned } % of cases (level: 5 %); { $method } in up to { $worst } %
figure_size_caption = Simulated panels, at least { $n } a cell; Monte-Carlo error about { $error } points at 5 %. Dots: treated schools like the others; crosses: the largest schools treated, or schools noisier when treated.
figure_size_axis = Rejections of a true null hypothesis (%); line: the level, 5 %
figure_size_design = { $treated } of { $schools } treated
size_method_least_favourable = least favourable t (planned)
size_method_least_favourable_1_5 = least favourable t, ratio 1.5
size_method_welch = Welch's t
size_method_CR2 = CR2
size_method_CR3 = CR3
size_method_CR3_welch = CR3, Welch's df
size_method_ibragimov_mueller = Ibragimov and Müller
size_method_pooled = pooled t
size_method_CR1 = CR1
size_method_randomization_t = randomization t
size_method_wild_bootstrap = wild bootstrap
figure_size_method = { $method }{ $weights ->
    [pupils] , by pupils
   *[schools] {""}
  }
figure_size_part = { $method } at most { $rate } %
figure_size_alt = Dot plot of rejection rates under no effect. Worst case: { $parts }.

figure_curve_title = Absence, { $population }: { $n } defensible specifications, median { $median } { $unit }, joint p = { $p }
figure_curve_caption = { $weight } % have the median's sign. Joint test of no effect under any of them: p = { $p } ({ $placements } placements; smallest possible { $smallest }).
figure_curve_below = { $n } with randomization p of at most { $limit }
figure_curve_above = { $n } above
figure_curve_axis = Specifications, sorted by estimate
figure_curve_alt = Specification curve. Estimates from { $low } to { $high }, median { $median }; joint p { $p }.

figure_drift_title = { $outcome }, { $population }: { $finding }
figure_drift_caption = { $level } % intervals of the mean effect (Rambachan and Roth 2023), with critical values for few schools. 0 is no drift.
figure_drift_mean_effect = Mean effect ({ $unit })
figure_drift_relative_magnitudes = Drift as large as before (relative magnitudes)
    .axis = Times the largest earlier change
figure_drift_any = Held against the largest earlier change, the interval includes zero even without any drift
figure_drift_from = The interval excludes zero until the drift after the start is { $times } times the largest change before it (breakdown value)
figure_drift_straight = Had each school's straight trend before the start gone on, the effect would be { $span } { $unit }{ $way ->
    [better] , for the better
    [worse] , for the worse
   *[open] { "" }
}.
figure_drift_alt = Intervals by the drift allowed. { $finding }.

figure_published_title = Effect on absence{ $who ->
    [none] { "" }
   *[other] { " " }({ $who })
  }: { $ours } percentage points here, { $theirs } in the nearest published study
figure_published_own = This pilot: { $who }
figure_published_caption = Published effects in days over a school year of { $school_days } days; sources in the table. Effects of taking part and of being offered differ; populations do too.
figure_published_axis = Effect on absence (percentage points; days over { $school_days })
figure_published_no_error = no standard error reported
figure_published_part = { $row }: { $points } ({ $interval })

figure_power_title = { $outcome }: the smallest effect the next pilot would find
figure_power_caption = Found in four of five cases at 5 %, with the inference this evaluation would use.
figure_power_blind = No effect however large can be found with { $designs } schools treated.
figure_power_blind_design = { $treated } of { $schools }
figure_power_design = { $schools } schools of { $pupils } pupils, { $before }+{ $after } terms
figure_power_part = { $design }, { $treated } treated: { $effect }
figure_power_schools = Schools with mentors
figure_power_effect = Smallest effect found ({ $unit })
