# Why something could not be estimated. One sentence fragment a code (`errors.NotEstimable`), as it
# stands in brackets after "cannot be determined". Variables are the code's values.
reason_all_alike = all but a few answered alike
reason_all_treated = every school took part; none is left to compare with
reason_answers_unasked = how many were asked is not known
reason_collinear = the effect cannot be separated from other changes
reason_constant_item = an item has no variation
reason_design_unbounded = with so few schools no interval is bounded (smallest possible p { $smallest_p })
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
