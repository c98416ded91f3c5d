# Varför något inte kunde skattas. Ett satsled per kod (`errors.NotEstimable`), så som det står inom
# parentes efter ”kan inte avgöras”. Variablerna är kodens värden.
reason_all_alike = nästan alla svarade likadant
reason_all_treated = alla skolor deltog; det finns ingen skola att jämföra med
reason_not_asked = enkäten frågade inte om det
reason_answers_unasked = det är inte känt hur många som fick enkäten
reason_collinear = effekten går inte att skilja från andra förändringar
reason_constant_item = en fråga saknar variation
reason_design_unbounded = med så få skolor går det inte att beräkna något avgränsat intervall (lägsta möjliga p-värde { $smallest_p })
reason_eligibility_unknown = den andel frånvaro som urvalsregeln utgår från är okänd
reason_few_at_school = visas inte: skolan har färre än { $least } elever
reason_few_clusters = för få skolor deltog
reason_few_comparison = jämförelseskolorna är färre än pilotskolorna
reason_few_degrees_of_freedom = visas inte: färre än { $least } frihetsgrader
reason_few_pupils = visas inte: färre än { $least } elever
reason_few_answers = visas inte: färre än { $least } svar
reason_few_answers_in_group = visas inte: färre än { $least } svar från { $group ->
    [pilot] pilotskolorna
   *[comparison] jämförelseskolorna
  } { $period ->
    [before] före
   *[after] efter
  } starten
reason_few_of_those_asked = visas inte: färre än { $least } % svarade
reason_few_of_those_asked_in_group = visas inte: färre än { $least } % svarade vid { $group ->
    [pilot] pilotskolorna
   *[comparison] jämförelseskolorna
  } { $period ->
    [before] före
   *[after] efter
  } starten
reason_few_have_or_lack = visas inte: färre än { $least } har det, eller saknar det
reason_few_levels = utfallet har för få nivåer
reason_one_school_in_group = visas inte: bara en skola bland { $group ->
    [pilot] pilotskolorna
   *[comparison] jämförelseskolorna
  } { $period ->
    [before] före
   *[after] efter
  } starten
reason_infinite_values = utfallet har oändliga värden
reason_missing_baseline = terminen före starten saknas
reason_missing_cells = några skolor saknar uppgifter för vissa terminer
reason_no_cost = underlaget saknar kostnadsuppgifter
reason_no_eligible = ingen elev omfattas av urvalsregeln
reason_no_first_stage = insatsen påverkade inte vilka elever som fick en mentor
reason_few_items = för detta behöver indexet minst { $least } frågor
reason_no_factor = ingen gemensam faktor kunde anpassas till frågorna
reason_no_interval = inget intervall kunde beräknas
reason_no_specification = ingen modellvariant kunde skattas
reason_no_terms_around_start = det saknas uppgifter från tiden före eller efter starten
reason_no_treated = ingen pilotskola av det slaget kan följas från före till efter starten
reason_no_untreated = det finns inga jämförelseskolor
reason_no_values = det finns inga uppgifter om utfallet
reason_no_variation = utfallet varierar inte
reason_one_school_decides = skattningen förutsätter att varje skola är med
reason_one_school = visas inte: bara en skola
reason_outcome_in_logs = utfallet är noll någonstans, så kvoten kan inte beräknas
reason_separated = deltagandet förutsäger utfallet helt
reason_selection_term_missing = urvalsterminen { $term } finns inte i underlaget
reason_several_starts = skolorna började olika terminer
reason_slope_undetectable = den här jämförelsen skulle inte upptäcka en gradvis förskjutning av någon storlek (80 % styrka)
reason_table_missing = underlaget saknar { $table }
reason_treatment_ends = några skolor slutade, vilket metoden inte klarar
reason_unknown_term = för en av terminerna saknas uppgifter om eleverna

# Hur intervall och p-värde beräknades (`method`).
method_CR1 = klusterrobust (CR1), t med G - 1 frihetsgrader
method_CR2 = klusterrobust (CR2), Satterthwaites frihetsgrader
method_CR3 = jackknife över skolor (CR3)
method_jackknife = jackknife över skolor
method_randomization_t = randomiseringstest, studentiserat
method_randomization_coefficient = randomiseringstest, koefficient
method_wild_bootstrap_rademacher = wild cluster bootstrap, Rademachervikter
method_wild_bootstrap_webb = wild cluster bootstrap, Webbvikter
method_least_favourable = t-test på skolnivå, minst gynnsamma kvot mellan varianserna
method_welch = t-test på skolnivå (Welch)
method_CR3_welch = jackknife över skolor (CR3), frihetsgrader per grupp
method_pooled = t-test på skolnivå, lika varianser
method_ibragimov_mueller = t-test på skolnivå (Ibragimov och Müller)
method_CR2_rubin = klusterrobust (CR2), Rubins regler över imputeringar
method_anderson_rubin_CR2 = Anderson-Rubin med CR2
method_anderson_rubin_randomization_t = Anderson-Rubin med randomiseringstest
method_bonferroni = Bonferroni
method_placebo_units = placebotest bland jämförelseskolorna
method_fieller = Fiellers intervall, känd kostnad
method_none = ingen

# Utfall: rubrik, och namnet som subjekt i en mening.
outcome_absence_share = Frånvaro
    .subject = Frånvaron
outcome_absence_minutes = Frånvaro per skoldag
    .subject = Frånvaron per skoldag
outcome_invalid_absence_share = Ogiltig frånvaro
    .subject = Den ogiltiga frånvaron
outcome_persistent_absence = Elever med minst { $persistent_absence } frånvaro
    .subject = Andelen elever med minst { $persistent_absence } frånvaro
outcome_reporting_rate = Rapporterad lektionstid
    .subject = Andelen rapporterad lektionstid
outcome_goals_share_registered = Påbörjade { $form ->
    [GR] ämnen
    [GY] kurser
   *[other] ämnen eller kurser
  } med minst E
    .subject = Andelen påbörjade { $form ->
        [GR] ämnen
        [GY] kurser
       *[other] ämnen eller kurser
      } med minst E
outcome_goals_share = Betygsatta { $form ->
    [GR] ämnen
    [GY] kurser
   *[other] ämnen eller kurser
  } med minst E
    .subject = Andelen betygsatta { $form ->
        [GR] ämnen
        [GY] kurser
       *[other] ämnen eller kurser
      } med minst E
outcome_goals_all = Elever med godkända betyg i alla { $form ->
    [GR] ämnen
    [GY] kurser
   *[other] ämnen eller kurser
  }
    .subject = Andelen elever med godkända betyg i alla { $form ->
        [GR] ämnen
        [GY] kurser
       *[other] ämnen eller kurser
      }
outcome_graded_share = Påbörjade { $form ->
    [GR] ämnen
    [GY] kurser
   *[other] ämnen eller kurser
  } som betygsattes
    .subject = Andelen påbörjade { $form ->
        [GR] ämnen
        [GY] kurser
       *[other] ämnen eller kurser
      } som betygsattes
outcome_merit = Meritvärde
    .subject = Meritvärdet
outcome_term_merit = Meritvärde utifrån terminsbetyg
    .subject = Terminsbetygens meritvärde
outcome_eligible_vocational = Behöriga till yrkesprogram
    .subject = Andelen behöriga till yrkesprogram
outcome_eligible_academic = Behöriga till högskoleförberedande program
    .subject = Andelen behöriga till högskoleförberedande program
outcome_grade_points = Genomsnittlig betygspoäng
    .subject = Den genomsnittliga betygspoängen
outcome_points_passed = Godkända gymnasiepoäng per termin
    .subject = De godkända gymnasiepoängen per termin
outcome_hours_other = Lärarnas timmar i veckan för annat än undervisning
    .subject = Lärarnas timmar i veckan för annat än undervisning
outcome_hours_teaching = Lärarnas timmar i veckan för undervisning
    .subject = Lärarnas timmar i veckan för undervisning
outcome_workload_index = Lärarnas index för arbetsbelastning
    .subject = Lärarnas index för arbetsbelastning{ $workload_index_range }
outcome_safety_index = Elevernas trygghetsindex
    .subject = Elevernas trygghetsindex{ $safety_index_range }
outcome_purpose_index = Index för om mentorerna gjorde det de skulle
    .subject = Index för om mentorerna gjorde det de skulle{ $purpose_index_range }
index_range = { " " }({ $low } till { $high })
outcome_response = Andelen som svarade
    .subject = Andelen som svarade

# En rapport på offentlig statistik.
public_answers = Vad den offentliga statistiken visar
public_how = Vad som gjordes och hur det jämförs
public_limits = Vad detta inte kan visa
public_outcome = Mått
public_form = Skolform
public_difference = Skillnad (intervall)
public_p = p
public_schools = Pilotskolor / alla skolor
public_caption = Hur mycket mer pilotskolorna ändrades från före till efter starten än de andra skolorna, med { $level } intervall
public_imprint = { $commissioner } · { $author } · offentlig statistik per skola, inga uppgifter om elever
public_method = Varje skola räknas en gång. Hur pilotskolornas årliga siffror ändrades från före till efter starten jämförs med de andra skolornas förändring under samma år (difference-in-differences). Intervallet och p-värdet är sådana som håller för så få skolor.
public_limit_pupils = Siffrorna gäller dem som gick ut nian varje vår. Vilka som flyttade och hur stor frånvaron var framgår inte. Inget är justerat för vilka elever skolorna hade.
public_limit_suppressed = Siffror som inte publiceras därför att de gäller få elever är okända och räknas inte.
public_limit_years = Ett år är vårterminen det läsåret. Ett pilotprojekt som började på hösten kan tidigast synas i siffrorna för våren därpå.

# Figurer över enkäterna, och hur insatsen var tänkt.
figure_role_teacher = Lärare
figure_role_principal = Rektorer
figure_role_mentor = Mentorer
figure_role_pupil = Elever
figure_period_before = före
figure_period_after = efter
figure_workload_index = arbetsbelastning, { $low } till { $high }
figure_safety_index = trygghet, { $low } till { $high }
figure_purpose_index = syfte, { $low } till { $high }
figure_item_reversed = { $item } (vänd)
figure_items = { $who } på { $place }: vad de svarade
    .caption = Två staplar per fråga: överst före första starten, underst efter; antal svar inom parentes. Andelar av dem som besvarat frågan; ett svar från färre än fem räknas till grannsvaret. Frågorna är vända så att höger är mer av det indexet mäter; den som är ställd tvärtom är märkt.
    .alt = Divergerande staplar: { $parts }.
figure_items_axis = ← instämmer inte   %   instämmer →
figure_items_finding = { $who } på { $place }: mest ändrades ”{ $item }”, där { $first } % instämde före och { $second } % efter på pilotskolorna
figure_items_agree = { $low } till { $high } % instämmer
figure_themes_few = färre än { $survey_min_answers }
figure_themes_most = { $who } om ”{ $theme }”
figure_themes = Vanligast i fritextsvaren: { $parts }
    .caption = Antal fritextsvar som tar upp varje tema, kodade av kommunen; ett svar kan ta upp flera. Talen är avrundade till närmaste fem. Bara en del av dem som svarar skriver något, så figuren säger inget om andelar eller effekter.
    .alt = Staplar över antalet fritextsvar per tema och roll. { $parts }.
figure_roles = De fyra gruppernas index före och efter starten
    .caption = Medelvärde över skolor, där varje skola räknas en gång. En beskrivning, inte en effekt. Grupper med för få svar visas inte.
    .alt = Punkter per period: { $parts }.
figure_logic = Hur heltidsmentorerna var tänkta att göra nytta
    .alt = Rutor och pilar: { $parts }. { $rivals }.
figure_logic_money = Heltidsmentorer som inte undervisar
figure_logic_tasks = Uppgifter flyttas från lärare till mentorer
figure_logic_follow = Frånvaro följs upp, elever blir sedda
figure_logic_time = Lärarna får tid att undervisa
figure_logic_safe = Eleverna känner sig trygga
figure_logic_there = Närvaron ökar
figure_logic_goals = Fler elever når målen

# Effekternas enheter.
unit_percentage_points = procentenheter
unit_merit_points = meritpoäng
unit_grade_points = betygspoäng
unit_course_points = gymnasiepoäng
unit_minutes_a_day = minuter per dag
unit_hours_a_week = timmar i veckan
unit_index_points = indexpoäng

# Skolformer, inne i en mening.
form_GR = högstadiet
form_GY = gymnasiet

# Elevernas bakgrund.
covariate_girl = Flickor
covariate_foreign_background = Utländsk bakgrund
covariate_newly_arrived = Nyanlända
covariate_parental_education_low = Föräldrar: grundskola
covariate_parental_education_high = Föräldrar: eftergymnasial utbildning

# Vad som är fel i exporterna (`ingest`): `export_<kod>` fullföljer ”<fil>, rad, kolumn: ...”, och
# `export_<kod>_advice` säger vad man gör. Skrivet för dem som tar fram exporterna.
export_heading = { $problems ->
    [one] 1 fel i exporterna; inget har skrivits.
   *[other] { $problems } fel i exporterna; inget har skrivits.
  }
export_remarks = { $remarks ->
    [one] 1 anmärkning på exporterna. Den stoppar inte inläsningen; raden säger vad som görs.
   *[other] { $remarks } anmärkningar på exporterna. De stoppar inte inläsningen; varje rad säger vad som görs.
  }
export_fine = { $folder }: inga fel
export_row = rad { $row }
export_column = kolumn { $column }
export_rows = ({ $rows } rader)
export_schools = ({ $rows } skolor)
export_pupil_weeks = ({ $rows } elevveckor)
export_pupil_terms = ({ $rows } elevterminer)
export_such_as = till exempel { $examples }
export_empty = (tom)
export_code_found = { $term ->
    [no] koden { $code } ({ $rows } rader)
   *[other] koden { $code } ({ $rows } rader, från { $term })
  }

export_utf16 = är i UTF-16
export_utf16_advice = Exportera i UTF-8 eller Windows-1252; i Excel: Arkiv, Spara som, ”CSV UTF-8 (kommaavgränsad)”
export_nul_byte = har en NUL-byte vid byte { $byte }
export_nul_byte_advice = Filen är skadad eller ingen text; exportera den på nytt
export_mark_inside = har ett BOM-tecken mitt i filen (byte { $byte })
export_mark_inside_advice = Flera filer har satts ihop; lägg dem var för sig i mappen
export_control_byte = har styrtecknet 0x1A vid byte { $byte }
export_control_byte_advice = Filen är skadad; exportera den på nytt
export_cut_off = slutar inte med en radbrytning och kan vara avklippt
export_cut_off_advice = Exportera på nytt; om filen är fullständig, avsluta sista raden med en radbrytning
export_unknown_encoding = är varken UTF-8 eller Windows-1252 (byte { $byte })
export_unknown_encoding_advice = Exportera i UTF-8 eller Windows-1252
export_column_twice = finns två gånger i rubrikraden
export_column_twice_advice = Behåll en av kolumnerna
export_lacks_columns = saknar { $columns }
export_lacks_columns_advice = Lägg till de kolumner som saknas i exporten
export_other_separator_advice = Kolumnerna ska skiljas åt med semikolon
export_separator_line_advice = Första raden anger bara skiljetecken för Excel; ta bort den så att rubrikraden kommer först
export_renamed_columns_advice = Okända kolumner: { $unknown }. Om en kolumn har bytt namn, ange det i ett scenario: { $alias }
export_more_fields = har fler fält än rubrikradens { $fields }
export_more_fields_advice = Sätt citattecken kring fält som innehåller semikolon; exportera på nytt om filen är avklippt
export_fewer_fields = har färre fält än rubrikradens { $fields }
export_fewer_fields_advice = Sätt citattecken kring fält som innehåller semikolon; exportera på nytt om filen är avklippt
export_quotation_mark = har ett citattecken som aldrig avslutas eller som står inne i ett fält
export_quotation_mark_advice = Skriv varje citattecken inne i ett fält två gånger (""), och sätt citattecken kring hela fältet
export_not_semicolons = kan inte läsas som semikolonavgränsad text
export_not_semicolons_advice = Se över citattecken och radbrytningar
export_symbolic_link = är en symbolisk länk
export_symbolic_link_advice = Lägg själva filen i mappen
export_empty_file = är tom
export_empty_file_advice = Exportera den på nytt eller ta bort den
export_encoded_twice = har teckenkodats två gånger
export_encoded_twice_advice = Exportera på nytt i UTF-8; i Excel: Arkiv, Spara som, ”CSV UTF-8 (kommaavgränsad)”
export_wrong_letters = har bokstäver som har blivit fel (å har blivit Ã¥): filen har teckenkodats två gånger eller satts ihop av filer med olika teckenkodning
export_wrong_letters_advice = Exportera på nytt i UTF-8; lägg filer med olika teckenkodning i mappen var för sig
export_lost_letters = har tecknet � där en bokstav har gått förlorad
export_lost_letters_advice = Exportera på nytt i UTF-8 från ett ställe där bokstäverna är rätt
export_header_only = har en rubrikrad men inga rader
export_header_only_advice = Filen ger inga uppgifter; exportera den på nytt om den ska ha rader
export_not_a_folder = är ingen mapp
export_not_a_folder_advice = Ange mappen med exporterna
export_truth_damaged = är skadad
export_truth_damaged_advice = Ta bort den eller kör pilot simulate på nytt
export_personal_identity_number = innehåller något som ser ut som ett personnummer, i en kolumn för annan text
export_personal_identity_number_advice = Ta bort det och ta reda på hur det hamnade där
export_personal_telephone = innehåller något som ser ut som ett telefonnummer
export_personal_telephone_advice = Ta bort det
export_personal_email = innehåller en e-postadress
export_personal_email_advice = Ta bort den
export_personal_name = tycks nämna en person vid namn
export_personal_name_advice = Skriv avdelningen eller registret i stället för vem som arbetar där
export_real_beside_synthetic = är inte som generatorn skrev den, men ligger bland syntetiska exporter
export_real_beside_synthetic_advice = Ha verkliga och syntetiska exporter i skilda mappar
export_missing_table = saknas
export_missing_table_advice = Lägg en eller flera sådana filer i mappen
export_missing_elever = saknas: bara skolornas offentliga siffror kan jämföras
export_missing_kalender = saknas: lektionstid och frånvaro kan inte knytas till någon termin, så närvaron kan inte bedömas
export_missing_undervisningstid = saknas: utan lektionstid kan närvaron inte bedömas
export_missing_franvaro = saknas: frånvaron är okänd överallt
export_missing_betyg = saknas: måluppfyllelse, meritvärden och behörighet är okända
export_missing_mentorer = saknas: det är okänt vilka som hade mentor
export_missing_elevenkat = saknas: tryggheten kan inte bedömas
export_missing_personalenkat = saknas: lärarnas tid kan inte bedömas
export_missing_utskick = saknas: det är okänt hur många i personalen som fick enkäten

export_rule_identifier = får inte vara tom
export_rule_identifier_advice = Fyll i id:t
export_identifier_rounded = har id:n som ett kalkylprogram har avrundat (2,00506E+11): de sista siffrorna är borta
export_identifier_rounded_advice = Exportera filen på nytt och öppna den i Excel bara med Data, Från text/CSV, med kolumnen som Text
export_zeros_lost = har personnummer som har tappat inledande nollor; de läses som tiosiffriga
export_zeros_lost_advice = Öppna filen i Excel med Data, Från text/CSV, med kolumnen som Text
export_rule_code = ska vara åtta siffror
export_rule_code_advice = Ha koden som text så att inledande nollor finns kvar; i Excel: Data, Från text/CSV, med kolumnen som Text
export_rule_term = ska vara en termin, till exempel HT2019 eller VT2020
export_rule_term_advice = Skriv HT eller VT och årtalet
export_rule_week = ska vara en ISO-vecka som finns det året, till exempel 2019-W35
export_rule_week_advice = Skriv veckor som ÅÅÅÅ-Wvv
export_rule_period = ska vara en termin (HT2019) eller en månad (2019-09)
export_rule_period_advice = Skriv HT eller VT och årtalet, eller månaden som ÅÅÅÅ-MM
export_period_in_several_rows = en elev har flera rader med olika innehåll för samma period, eller både en rad för terminen och rader för månader i den
export_period_in_several_rows_advice = Ha en rad per elev, skolenhet och period
export_months_beside_weeks = har månader av en termin som undervisningstid redovisar per vecka, men inte för samma tid; veckorna räknas, och frånvaro utan rapporter per vecka är okänd
export_months_beside_weeks_advice = Exportera hela terminen på ett sätt: per vecka, eller som summor utan veckor
export_totals_beyond_whole = har mer tid här än i { $whole }, som den är en del av; den räknas som lika stor
export_totals_beyond_whole_advice = Rätta raderna. franvarande ska innehålla även den ogiltiga frånvaron, och schemalagt är all erbjuden lektionstid
export_totals_beyond_whole_mostly = har på de flesta rader mer tid här än i { $whole }, som den är en del av
export_totals_beyond_whole_mostly_advice = franvarande ska innehålla även den ogiltiga frånvaron, och schemalagt är all erbjuden lektionstid; se efter om kolumner har bytt plats
export_totals_in_hours = ser ut som timmar, inte minuter: ingen månad har mer än 120 och ingen termin mer än 600 för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_totals_in_hours_advice = Skriv timmar i kolumnen enhet, eller exportera minuter
export_totals_without_lesson_time = anger inte hur mycket lektionstid det fanns, så frånvaron redovisas i minuter per skoldag och inte som andel
export_totals_without_lesson_time_advice = Exportera även kolumnen schemalagt, om tiden är känd
export_totals_without_reporting = anger inte hur mycket av lektionstiden som rapporterades, så frånvaron kan bara räknas som andel av den schemalagda
export_totals_without_reporting_advice = Exportera även kolumnen rapporterat, eller ange absence_coding: present i ett scenario
export_rule_date = ska vara ett datum, till exempel 2019-12-31
export_rule_date_advice = Skriv datum som ÅÅÅÅ-MM-DD
export_date_of_excel_advice = Det är Excels dagnummer; ge kolumnen datumformatet ÅÅÅÅ-MM-DD (Formatera celler, Datum) innan du sparar
export_date_without_hyphens_advice = Skriv datum med bindestreck, ÅÅÅÅ-MM-DD
export_date_year_last_advice = Skriv datum som ÅÅÅÅ-MM-DD, med året först
export_rule_time = ska vara ett klockslag, till exempel 08:15
export_rule_time_advice = Skriv klockslag som TT:MM
export_rule_timestamp = ska vara en tidpunkt, till exempel 2019-12-31 08:15:00
export_rule_timestamp_advice = Skriv tidpunkter som ÅÅÅÅ-MM-DD TT:MM:SS
export_rule_text = får inte vara tom
export_rule_text_advice = Fyll i värdet
export_rule_ignored = används inte
export_rule_ignored_advice = Låt den vara
export_rule_integer = ska vara ett heltal från { $low } till { $high }
export_rule_integer_advice = Skriv heltal utan mellanslag och decimaler
export_rule_decimal = ska vara ett tal med decimalkomma från { $low } till { $high }
export_rule_decimal_advice = Skriv decimaltal med komma och utan tusentalsavgränsare
export_two_readings = har ett tal som kan läsas på två sätt: 1,200 är 1,2 med decimalkomma men 1200 om kommat skiljer tusental
export_two_readings_advice = Skriv tusental utan skiljetecken (1200) och decimaler med komma, men inte just tre (1,2 eller 1,2000)
export_rule_school_form = ska vara GR, GY eller koden för en annan skolform, till exempel ANPGR
export_rule_school_form_advice = Rätta koden eller översätt den med ett alias
export_rule_choice = ska vara något av { $allowed }
export_rule_choice_advice = Rätta värdet eller översätt det med ett alias
export_alias_advice = Om koderna har ändrats, ange i ett scenario vad var och en betyder (fyll själv i ???): { $alias }

export_unit_in_two_schools = en skolenhet hör till två skolor eller skolformer
export_unit_in_two_schools_advice = Behåll en rad per skolenhet
export_school_of_two_forms = en skola har skolenheter med olika skolform
export_school_of_two_forms_advice = Ge skolan ett eget namn för varje skolform, i kolumnen skola i skolor.csv och exponering.csv
export_school_in_two_municipalities = har skolor med samma namn i två kommuner
export_school_in_two_municipalities_advice = Ge var och en ett eget namn i skolor.csv och exponering.csv, till exempel skolans namn och kommunens
export_pupils_in_two_municipalities = har elever som samma termin går på skolor i två kommuner ({ $share } % av elevterminerna): kommunernas lokala elev-id sammanfaller
export_pupils_in_two_municipalities_advice = Sätt kommunkoden före de lokala elev-id:na, i varje export som har dem
export_register_school_unknown = skolan finns inte i skolor.csv
export_register_school_unknown_advice = Stava skolan som i skolor.csv
export_register_entry_twice = en skola har två olika uppgifter för samma termin
export_register_entry_twice_advice = Behåll den rätta
export_unlisted_unknown = nämner inte { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }: det är okänt om de har haft mentorer, så de utelämnas
export_unlisted_unknown_advice = Lägg till en rad per termin (status ingen där mentorer saknades) eller, om bara skolor med mentorer är med, ange register_lists: pilot_schools i ett scenario
export_unlisted_untreated = nämner inte { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }: enligt register_lists har de aldrig haft mentorer och blir jämförelseskolor
export_unlisted_untreated_advice = Ta med de skolor som har haft mentorer tidigare, och de där ingen vet
export_pilot_without_organisation = en pilotskola saknar uppgift om organisation
export_pilot_without_organisation_advice = Skriv riktad eller klass
export_week_outside_term = har veckor i en termin som de inte kan höra till
export_week_outside_term_advice = Skriv veckans termin: 2019-W40 hör till HT2019 och 2019-W10 till VT2019
export_remote_teaching_not_told = anger inte vilka veckor som var på distans; alla räknas som veckor på plats
export_remote_teaching_not_told_advice = Lägg till kolumnen med hur stor del av varje vecka som var på distans (0 till 1), om någon var det
export_remote_share_unknown = anger inte hur stor del av en vecka som var på distans; den är okänd, och resultat utan veckor på distans utelämnar veckan
export_remote_share_unknown_advice = Fyll i andelen, 0 om hela veckan var på plats
export_week_twice = en vecka finns två gånger med olika innehåll
export_week_twice_advice = Behåll den rätta raden
export_week_in_several_rows = en elevs vecka finns på flera rader med olika antal minuter
export_week_in_several_rows_advice = Om varje rad är en aktivitet eller ett ämne, ta med dess namn eller nummer i kolumnen aktivitet: då summeras raderna. Behåll annars den rätta raden
export_week_in_equal_rows = en elevs vecka finns på flera likadana rader, på alltför många ställen för att det ska vara ett misstag
export_week_in_equal_rows_advice = Om varje rad gäller en aktivitet eller ett ämne, ta med dess namn eller nummer i kolumnen aktivitet: då summeras raderna. Om allt står två gånger i filen, ta bort den ena kopian
export_protection_unknown = säger inte vilka elever som har skyddade personuppgifter
export_protection_unknown_advice = Exportera kolumnen med J eller N för varje elev; om elever med skyddade personuppgifter inte alls finns i exporterna, ange det med parametern protected_identities: removed
export_school_spellings = stavar en skola på { $ways } sätt: { $names }
export_school_spellings_advice = Skriv skolan likadant på varje rad
export_mentors_without_pilot = en skola har mentorer, eller en uppgift i kolumnen organisation, men status ingen
export_mentors_without_pilot_advice = Skriv pilot, forstudie eller okand från och med startterminen
export_minutes_swapped = har fler rapporterade än schemalagda minuter på de flesta rader
export_minutes_swapped_advice = Kolumnerna verkar ha bytt plats; schemalagda_minuter är den erbjudna tiden

export_role_not_asked = har enkätsvar från { $role }, som evaluation.yml inte har någon enkät för
export_role_not_asked_advice = Lägg in enkäten där under instruments: frågorna, svarsalternativen och indexen. Eller ta bort svaren ur exporten
export_answer_of_another_role = har ett svar från { $role } som inte finns bland den rollens frågor och svarsalternativ i evaluation.yml
export_answer_of_another_role_advice = Lägg till frågan, eller svarsalternativet så som det skrivs i exporten, i rollens enkät. Eller rätta raden
export_asked_counted_twice = anger två olika antal tillfrågade för samma skolenhet, roll och termin
export_asked_counted_twice_advice = Behåll en rad per skolenhet, roll och termin
export_sheet_with_same_id = har flera olika enkätsvar med samma id på samma skolenhet och termin; alla räknas
export_sheet_with_same_id_advice = Ge varje enkätsvar ett eget id. Om ett svar har rättats, behåll bara det rättade
export_themes_not_listed = har kodade teman, men evaluation.yml listar inga
export_themes_not_listed_advice = Lista varje tema där under themes, så som det skrivs i exporten, med temats benämning. Eller ta bort filen ur mappen
export_theme_counted_twice = räknar ett tema två gånger för samma roll och termin, med olika antal
export_theme_counted_twice_advice = Behåll en rad per tema, roll och termin

export_unknown_pupil = har elever som inte finns i elever.csv ({ $share } % av raderna); deras rader räknas inte
export_unknown_pupil_advice = Exportera elever.csv för samma terminer, eller se efter om id:na skrivs på ett annat sätt
export_unknown_pupil_beyond_share = har elever som inte finns i elever.csv: { $share } % av raderna, där { $limit } % är tillåtet
export_unknown_pupil_beyond_share_advice = Exportera elever.csv för samma terminer och skolor och se efter om id:na skrivs på ett annat sätt (avrundade, avkortade eller från ett annat system); höj parametern unmatched_share för att tillåta fler
export_unknown_unit = har skolenheter som inte finns i skolor.csv ({ $share } % av raderna); deras rader räknas inte
export_unknown_unit_advice = Lägg till enheten i skolor.csv om dess elever hör till utvärderingen
export_unknown_unit_beyond_share = har en skolenhet som inte finns i skolor.csv: { $share } % av raderna, där { $limit } % är tillåtet
export_unknown_unit_beyond_share_advice = Lägg till skolenheten i skolor.csv, med sin egen skolform om den är en annan än GR eller GY; höj parametern unmatched_share för att tillåta fler
export_week_not_in_calendar = har veckor som inte finns i kalender.csv ({ $share } % av raderna); de räknas inte
export_week_not_in_calendar_advice = Lägg till veckorna i kalender.csv; om datum ligger i framtiden är årtalet felskrivet
export_week_not_in_calendar_beyond_share = har veckor som inte finns i kalender.csv: { $share } % av raderna, där { $limit } % är tillåtet
export_week_not_in_calendar_beyond_share_advice = Lägg till veckorna i kalender.csv eller exportera bara utvärderingens terminer; höj parametern unmatched_share för att tillåta fler
export_near_miss = { $slips ->
    [one] 1 okänt id skiljer sig bara i ett tecken
   *[other] { $slips } okända id:n skiljer sig bara i ett tecken
  } från ett id i elever.csv
export_near_miss_advice = En siffra är felskriven eller två har bytt plats; rätta id:t där det är fel

export_check_digit = har personnummer med fel kontrollsiffra
export_check_digit_advice = Ett skrivfel gör två elever av en; rätta numret
export_not_enrolled = har lektionstid eller frånvaro för elever som enligt elever.csv inte går på skolan den terminen ({ $share } % av raderna); deras rader räknas inte
export_not_enrolled_advice = Lägg till en rad för skolan och terminen i elever, även för elever som började eller slutade under terminen, eller se efter vilken skola raderna hör till
export_not_enrolled_beyond_share = har lektionstid eller frånvaro för elever som enligt elever.csv inte går på skolan den terminen: { $share } % av raderna, där { $limit } % är tillåtet
export_not_enrolled_beyond_share_advice = Exportera elever.csv för samma terminer och skolor; höj parametern unmatched_share för att tillåta fler
export_mentor_ends_before_start = har mentorsperioder som slutar innan de börjar; raderna räknas inte
export_mentor_ends_before_start_advice = Rätta from eller tom
export_mentor_ends_before_start_beyond_share = har mentorsperioder som slutar innan de börjar: { $share } % av raderna, där { $limit } % är tillåtet
export_mentor_ends_before_start_beyond_share_advice = Se efter om from och tom har bytt plats; höj parametern unmatched_share för att tillåta fler
export_enrolment_ends_before_start = har elever som slutar på skolan innan de har börjat
export_enrolment_ends_before_start_advice = Rätta inskriven eller avslutad, och utelämna elever som aldrig började
export_impossible_birth_year = har födelseår som ingen elev kan ha; raderna räknas inte
export_impossible_birth_year_advice = Rätta årtalet eller lämna cellen tom
export_impossible_birth_year_beyond_share = har födelseår som ingen elev kan ha: { $share } % av raderna, där { $limit } % är tillåtet
export_impossible_birth_year_beyond_share_advice = Skriv årtalet med fyra siffror (2005), eller utelämna kolumnen; höj parametern unmatched_share för att tillåta fler
export_no_pupils = ger ingen elev i de skolformer och årskurser som utvärderas
export_no_pupils_advice = Se efter om skolform i skolor.csv, arskurs och fodelsear stämmer, och om skyddad är J för alla
export_pupil_told_twice = har flera rader med olika innehåll för samma elev, skola och termin; den första raden behålls
export_pupil_told_twice_advice = Behåll den rätta raden
export_two_schools_at_once = placerar elever på två skolor samtidigt; båda raderna räknas
export_two_schools_at_once_advice = Fyll i kolumnen avslutad på raden för den skola som eleven lämnade
export_terms_without_pupils = har inga elever för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_terms_without_pupils_advice = Exportera elever för varje termin
export_terms_without_weeks = har inga veckor för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_terms_without_weeks_advice = Lägg till veckorna för varje termin
export_terms_without_grades = har inga betyg alls för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_terms_without_grades_advice = Exportera betygen för varje termin
export_absence_outside_enrolment = har frånvaro utanför elevens tid på skolan; den räknas inte i veckor då eleven saknar lektionstid
export_absence_outside_enrolment_advice = Se över kolumnerna inskriven och avslutad, och vilken skola lektionen hör till
export_absence_without_lesson_time = har frånvaro i veckor då eleven saknar lektionstid på skolan; den räknas inte
export_absence_without_lesson_time_advice = Exportera undervisningstid för samma elever och veckor
export_absence_past_next_lesson = har frånvaro som är längre än lektionen och går in i elevens nästa lektion; den kortas så att den slutar där nästa lektion börjar
export_absence_past_next_lesson_advice = Rapportera varje lektion för sig, eller en hel dag en gång
export_absence_of_day_and_lessons = har frånvaro för en hel dag, eller för flera lektioner, och dessutom för samma elevs lektioner däri; tiden räknas en gång
export_absence_of_day_and_lessons_advice = Rapportera varje lektion för sig, eller en hel dag en gång
export_absence_beyond_lessons = har veckor då eleven har mer frånvaro än lektionstid; frånvaron kortas till lektionstiden
export_absence_beyond_lessons_advice = Se efter om lektioner har rapporterats två gånger med olika tider, eller om lektionstid saknas
export_grades_before_enrolment = har betyg från tiden innan eleven skrevs in; de räknas inte
export_grades_before_enrolment_advice = Exportera elever för samma terminer
export_two_grades_on_a_day = har två olika betyg i samma ämne eller kurs samma dag; det lägre behålls
export_two_grades_on_a_day_advice = Behåll det rätta betyget
export_undated_grades_differ = har olika betyg i samma ämne eller kurs för en elev och termin, där datum saknas; ett daterat betyg behålls, annars det lägre
export_undated_grades_differ_advice = Exportera betygens datum, eller behåll bara det betyg som gäller
export_no_course_points = har gymnasiekurser utan poäng; de räknas som 100 poäng
export_no_course_points_advice = Exportera kolumnen poang
export_three_is_no_basis = har betygskoden 3, som läses som att betygsunderlag saknas
export_three_is_no_basis_advice = I SCB:s lista betyder 3 att ämnet inte har lästs (anpassad studiegång) och 9 att underlag saknas; om exporten följer den, ange det med parametern grade_codes: scb
export_three_is_not_studied = har betygskoden 3, som läses som att ämnet inte har lästs (anpassad studiegång), så som i SCB:s lista
export_three_is_not_studied_advice = Om 3 betyder att betygsunderlag saknas, ange det med parametern grade_codes: contract
export_unknown_subjects = har ämnen som inte finns bland ämneskoderna i Skolverkets föreskrifter om betygskatalog; vart och ett räknas som ett ämne, men inte som något av de ämnen som behörighetsreglerna nämner
export_unknown_subjects_advice = Ange i ett scenario vad vart och ett betyder (fyll själv i ???): { $alias }

export_no_lesson_time = har ingen lektionstid för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }; där saknas uppgift om närvaro
export_no_lesson_time_advice = Exportera undervisningstid för varje skola och termin
export_no_absence_reports = har inte en enda frånvarorapport för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }, där det fanns lektionstid; där är frånvaron okänd, inte noll
export_no_absence_reports_advice = Exportera frånvarorapporterna för varje skola och termin, även från ett tidigare system
export_group_without_reports = har inte en enda frånvarorapport för en klass, årskurs eller enhet på en skola som annars har rapporter: { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }; där är frånvaron okänd, inte noll
export_group_without_reports_advice = Exportera rapporterna för varje klass, även sådana som förs någon annanstans. Fanns ingen frånvaro: exportera en rapport med 0 minuter
export_group_at_zero = ger ingen frånvaro alls för en klass, årskurs eller enhet på en skola där andra har frånvaro: { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }; den räknas som noll
export_group_at_zero_advice = Se efter om all frånvaro i gruppen kom med, och om okänd frånvaro har skrivits som 0
export_weeks_without_reports = har veckor med lektionstid men utan en enda rapport för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }; de räknas som veckor utan frånvaro
export_weeks_without_reports_advice = Se efter om exporten är avklippt eller om ni har bytt system
export_absence_in_hours = ser ut som timmar, inte minuter: ingen frånvaro är längre än 12 för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_absence_in_hours_advice = Exportera minuter
export_lesson_time_in_hours = ser ut som timmar, inte minuter: ingen vecka är längre än 80 för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_lesson_time_in_hours_advice = Exportera minuter
export_absence_at_a_bound = ger exakt 0 eller 100 % frånvaro för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_absence_at_a_bound_advice = Se efter om alla rapporter kom med, och om tiden står i minuter
export_reporting_at_a_bound = ger exakt 0 eller 100 % rapporterad lektionstid för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_reporting_at_a_bound_advice = Se efter om rapporterade_minuter är vad någon har rapporterat, eller bara en kopia av schemat
export_invalid_at_a_bound = ger bara giltig eller bara ogiltig frånvaro för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_invalid_at_a_bound_advice = Se efter om exporten skiljer på giltig och ogiltig frånvaro
export_absence_implausible = ger en andel frånvaro som knappast är möjlig (under 0,5 eller över 50 %) för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_absence_implausible_advice = Jämför med skolans egna siffror: en del av exporten kan saknas, eller tiden stå i något annat än minuter
export_absence_jumps = ger en frånvaro som är mer än tre gånger så hög som skolans vanliga, eller mindre än en tredjedel av den, för { $names }{ $more ->
    [0] {""}
   *[other] {" "}och { $more } till
  }
export_absence_jumps_advice = Jämför med skolans egna siffror: en del av exporten kan saknas, eller tiden stå i något annat än minuter

export_coverage = Täckning per skola och termin: L lektionstid, F frånvarorapporter, B betyg; liten bokstav: delvis; -: inget
export_coverage_letters = L F B
# `--help` för dem som gör exporter (`cli/common.Bilingual`).
help_usage = Användning:
help_options = Flaggor:
help_examples = Exempel:
help_show = Visa den här texten och avsluta.
help_exit = Slutkoder: 0 klart, 1 data eller resultat klarar inte en kontroll, 2 felaktigt kommando.
help_check =
    Granska exporterna mot datakontraktet och visa alla fel; ingenting skrivs.

    Först en rad per fil: vad den lästes som, eller att den inte lästes och vad den ser ut att vara.
    Finns det fel som stoppar inläsningen visas bara de. Annars visas anmärkningar, som gäller rader
    och värden som har räknats, utelämnats eller kortats enligt regel, sedan vad exporterna täcker per
    skola och termin och vilka av utvärderingens frågor de kan besvara: för varje fråga som inte går
    att besvara står vad som saknas. Slutkod 1 vid fel som stoppar, liksom för pilot ingest och
    pilot run; annars 0.
help_ingest = Läs in exporterna till bearbetade tabeller och quality.json; alla fel visas på en gång.
help_map =
    Gå igenom en mapp och skriv ett första utkast till mappning: gissningar, och öppna frågor
    märkta ???.

    Bara namn på filer och kolumner hamnar i utkastet, aldrig innehållet i en cell.
help_option_raw = Mapp med exporterna.
help_ingest_out = Mapp för de bearbetade tabellerna.
help_map_out = Fil att skriva [förval: terminalen]; en som redan finns ersätts aldrig.
help_option_as_json = Skriv ut felen som JSON.
help_option_evaluation = Mapp som beskriver ett annat pilotprojekt (se pilot new) [förval: params].
help_option_scenario = Scenario vars `aliases` och regler säger hur exporterna läses.
help_option_mapping = Mappning av andra systems filer [förval: mapping.yml bland exporterna].
help_option_language = Språk för meddelandena om exporterna; annars datorns språkinställning.
help_option_show = Skriv ut en mappning som följer med paketet, att utgå från.
# Filer som inläsningen avvisar eller lämnar (`ingest/intake`): vad som är fel, och vad man gör.
export_intake_link = är en symbolisk länk
export_intake_link_advice = Lägg själva filen i mappen
export_intake_folder_named_as_file = är en mapp som heter som en fil
export_intake_folder_named_as_file_advice = Byt namn på den eller ta bort den
export_intake_device = är ingen vanlig fil utan en pipe eller en enhetsfil
export_intake_device_advice = Lägg en fil i mappen
export_intake_too_deep = ligger i för många nivåer av undermappar
export_intake_too_deep_advice = Flytta upp filerna; en mapp per läsår eller termin räcker
export_intake_too_many_files = innehåller fler än { $most } filer
export_intake_too_many_files_advice = Ha exportfilerna i en egen mapp
export_intake_unread = lästes inte; den ser ut som { $looks ->
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
export_intake_unread_advice = Ta bort den, eller beskriv den i mapping.yml (pilot map skriver ett utkast)
export_intake_cut_off = slutar inte med en radbrytning och kan vara avklippt
export_intake_cut_off_advice = Exportera på nytt; om filen är fullständig, avsluta sista raden med en radbrytning
export_intake_encoding = börjar som { $encoding } men är inte { $encoding } rakt igenom
export_intake_encoding_advice = Exportera igen; välj "CSV UTF-8 (kommaavgränsad)" i Excel
export_intake_open_quote = har ett citattecken som aldrig avslutas eller står inne i ett fält
export_intake_open_quote_advice = Skriv varje citattecken inne i ett fält två gånger (""), och sätt citattecken kring hela fältet
export_intake_workbook_parts = är en arbetsbok med fler än { $most } delar
export_intake_workbook_parts_advice = Spara den igen i Excel eller LibreOffice
export_intake_workbook_unpacks = är en arbetsbok som blir orimligt stor när den packas upp
export_intake_workbook_unpacks_advice = Spara den igen i Excel eller LibreOffice
export_intake_workbook_entities = är en arbetsbok med XML-entiteter, som inget kalkylprogram skriver
export_intake_workbook_entities_advice = Spara den igen i Excel eller LibreOffice
export_intake_workbook_far = har celler så långt ifrån varandra att bladet skulle fylla minnet
export_intake_workbook_far_advice = Ta bort lösa celler nedanför och till höger om tabellen
export_intake_workbook_damaged = är en skadad arbetsbok
export_intake_workbook_damaged_advice = Spara den igen, utan lösenord
export_intake_no_value = har celler med ett fel (till exempel #SAKNAS!) eller med en formel som inte har räknats ut
export_intake_no_value_advice = Rätta formlerna eller ersätt dem med sina värden, och spara arbetsboken i Excel eller LibreOffice
export_intake_lost_digits = har id:n eller skolenhetskoder sparade som tal som har tappat siffror
export_intake_lost_digits_advice = Formatera kolumnen som Text innan den fylls i, och exportera igen
export_intake_archive_too_large = blir uppackad långt större än någon export
export_intake_archive_too_large_advice = Lägg exportfilerna i mappen som de är
export_intake_archive_password = är skyddad med lösenord
export_intake_archive_password_advice = Packa upp den, eller packa den utan lösenord
export_intake_archive_damaged = är ett skadat arkiv
export_intake_archive_damaged_advice = Packa filerna igen, eller lägg dem i mappen som de är
export_intake_archive_too_many = innehåller fler än { $most } filer
export_intake_archive_too_many_advice = Lägg exportfilerna i mappen som de är
export_intake_archive_points_out = innehåller en fil vars sökväg leder utanför arkivet
export_intake_archive_points_out_advice = Packa filerna igen, eller lägg dem i mappen som de är
export_intake_archive_link = innehåller en symbolisk länk
export_intake_archive_link_advice = Packa själva filerna
export_intake_json_damaged = börjar som JSON men kan inte läsas som JSON rakt igenom
export_intake_json_damaged_advice = Hämta den igen; varje post ska ha standardens struktur
export_intake_json_page_size = har en JSON-sida på mer än { $most } MB
export_intake_json_page_size_advice = Hämta mindre sidor (limit), eller spara en post per rad
export_intake_json_pages = är den sista sidan här, men dess pageToken säger att fler följer
export_intake_json_pages_advice = Hämta resten av sidorna, tills pageToken är null, och lägg dem bredvid
export_intake_mapping_columns = saknar { $columns }, som mappningens källa { $source } läser
export_intake_mapping_columns_advice = Den har { $found }; rätta columns i mappningen
export_intake_mapping_several = { $step }: flera rader i { $other } passar en rad, så kopplingen är inte entydig
export_intake_mapping_several_advice = Lägg till en kolumn i "on", eller skriv several: first
export_intake_mapping_unmatched = { $step }: rader utan motsvarighet i { $other } har utelämnats
export_intake_mapping_unmatched_advice = Exportera { $other } för samma elever och datum
export_intake_mapping_repeated = innehåller poster som är helt lika andra poster av samma slag; de räknas en gång
export_intake_mapping_repeated_advice = Ta bort filer och sidor som har levererats två gånger
export_intake_mapping_equal = innehåller poster som är helt lika varandra, på för många ställen för att vara en slump
export_intake_mapping_equal_advice = Exportera det som skiljer dem åt, till exempel varje lektions id eller tid. Om filen innehåller allt två gånger, ta bort den ena kopian
export_intake_mapping_left_out = { $step }: kolumnerna { $columns } läses inte
export_intake_mapping_left_out_advice = Om de innehåller ämnen eller terminer, ange dem i mappningens unpivot
export_intake_mapping_unknown = { $step }: { $columns } saknas alla, och saknas är inte noll
export_intake_mapping_unknown_advice = Exportera frånvarominuterna, 0 för en elev som var med hela lektionen
export_intake_mapping_sum = { $step }: en cell som { $shape } kan inte summeras: den är inget tal, är negativ eller kan läsas på två sätt
export_intake_mapping_sum_advice = Skriv rena tal med decimalkomma (1500 eller 1,5), och inget annat i cellerna
export_intake_mapping_sum_empty = { $step }: en cell som ska summeras är tom, och tomt är inte noll
export_intake_mapping_sum_empty_advice = Exportera talet, eller 0 där det är säkert att det är noll
export_intake_mapping_failed = { $step }: mappningen går inte att genomföra
export_intake_mapping_failed_advice = Se över kolumnernas typer; i sum, plus och minus behövs tal

# Vad en fil togs för, på en rad.
intake_line = { $file }: { $words }
intake_line_unread = { $file }: lästes inte, { $words }
intake_taken = { $table }, ur { $looks }
intake_taken_by_mapping = { $table }, ur { $source } enligt mappningen { $mapping }
intake_source_of_mapping = { $source } i mappningen { $mapping }, ur { $looks }
intake_header_row = rubriken på rad { $row }
intake_totals = { $n ->
    [one] en summarad utelämnad
   *[other] { $n } summarader utelämnade
  }
intake_notes = { $n ->
    [one] en fotnot under tabellen utelämnad
   *[other] { $n } fotnoter under tabellen utelämnade
  }
intake_looks_csv = text i { $encoding }, { $separator ->
    [semicolon] avgränsad med semikolon
    [tab] avgränsad med tabb
    [comma] avgränsad med komma
   *[other] avgränsad med lodstreck
  }
intake_looks_archive = ett gzip-arkiv
intake_looks_pdf = ett PDF-dokument
intake_looks_picture = en bild
intake_looks_old_workbook = en äldre Excelarbetsbok (xls) eller en med lösenord; spara den som xlsx utan lösenord
intake_looks_parquet = en parquetfil
intake_looks_database = en databas
intake_looks_packed = ett 7z- eller rar-arkiv; packa upp det
intake_looks_xlsx = en Excelarbetsbok
intake_looks_xlsb = en binär Excelarbetsbok (xlsb); spara den som xlsx
intake_looks_word = ett Worddokument
intake_looks_presentation = en presentation
intake_looks_ods = ett kalkylblad i OpenDocument
intake_looks_odt = en text i OpenDocument
intake_looks_damaged = en skadad arbetsbok eller ett skadat arkiv
intake_looks_zip = ett zip-arkiv
intake_looks_damaged_text = en skadad text, med NUL-byte
intake_looks_no_text = en fil som varken är text eller arbetsbok
intake_looks_json = JSON
intake_looks_web_page = en webbsida eller XML; spara den som xlsx eller CSV UTF-8
intake_looks_text = text utan kolumner
intake_looks_empty = en tom fil
intake_looks_hidden_sheet = ett dolt blad
intake_looks_foreign_sheet = ett blad utan någon av datakontraktets tabeller
intake_looks_foreign_table = en tabell med { $columns } kolumner som inte är någon av datakontraktets tabeller
intake_looks_nested_archive = ett arkiv i ett arkiv; packa upp det
export_rule_figure = ska vara ett tal, .. (dolt), . (saknas) eller ~100
export_rule_figure_advice = Skriv siffrorna som Skolverket, med decimalkomma

# Storlekar i läsarens enhet: `way` är färre eller fler av det som räknas, lägre eller högre av ett mått.
amount_none = ingen skillnad
amount_bare = { $size } { $way ->
    [less] färre
    [more] fler
    [lower] lägre
   *[higher] högre
  }
amount_measure = { $size } { $unit } { $way ->
    [lower] lägre
   *[higher] högre
  }
amount_school_days = { $size } { $way ->
    [less] färre
   *[more] fler
  } frånvarodagar per elev och läsår
amount_pupils = { $size } { $way ->
    [less] färre
   *[more] fler
  } elever i en klass på { $class }
amount_subjects = { $size } { $way ->
    [less] färre
   *[more] fler
  } av 100 { $form ->
    [GR] ämnen
    [GY] kurser
   *[other] ämnen eller kurser
  }
short_measure = { $size } { $unit } { $way ->
    [lower] lägre
   *[higher] högre
  }
short_school_days = { $size } { $way ->
    [less] färre
   *[more] fler
  } dagar per elev och läsår
short_pupils = { $size } { $way ->
    [less] färre
   *[more] fler
  } i en klass på { $class }
short_subjects = { $size } { $way ->
    [less] färre
   *[more] fler
  } av 100
amount_minutes_a_day = { $size } { $way ->
    [less] färre
   *[more] fler
  } minuters frånvaro per dag
short_minutes_a_day = { $size } { $way ->
    [less] färre
   *[more] fler
  } minuters frånvaro per dag
amount_hours_a_week = { $size } { $way ->
    [less] färre
   *[more] fler
  } timmar i veckan
short_hours_a_week = { $size } { $way ->
    [less] färre
   *[more] fler
  } timmar i veckan
span = { $first } till { $second }

# Vilka en skattning gäller.
interval_level = { $number }-procentigt
place_all_pupils = på { $form }
place_teachers = på { $form }
place_pupils_answering = på { $form }
place_eligible_pupils = bland elever på { $form } som tidigare haft hög frånvaro
place_eligible_at_targeted = bland elever på { $form } som var aktuella för riktat stöd
place_eligible_at_class = bland motsvarande elever på { $form }, på skolor med klassmentorer

# Evidensstyrka, och svaret på en ja- eller nejfråga med högst fem ord.
grade_strong = stark
grade_moderate = måttlig
grade_weak = svag
grade_no_effect_of_interest = ingen effekt av betydelse
grade_cannot_be_determined = kan inte avgöras
answer_better_strong = Ja
answer_better_moderate = Ja, troligen
answer_better_weak = Ja, möjligen
answer_worse_strong = Nej, tvärtom
answer_worse_moderate = Nej, troligen tvärtom
answer_worse_weak = Nej, möjligen tvärtom
answer_none = Ingen effekt av betydelse
answer_points_better = Kanske, men kan vara slump
answer_points_worse = Kanske tvärtom, kan vara slump
answer_open = Kan inte avgöras
answer_not_asked = Uppgifter att jämföra saknas

why_open = intervallet innehåller noll
why_unbounded = för få skolor för ett intervall
why_several = kan bero på slumpen, eftersom flera huvudfrågor ställdes
why_doubted = effekten är för liten för att ha betydelse, men { $n ->
    [one] en varning finns
   *[other] { $n } varningar finns
  }
why_small_assumed = effekten ser ut att sakna betydelse, men det bygger på ett antagande
why_none = alla effekter i intervallet är för små för att ha betydelse
why_no_warning = ingen varning
why_warnings = { $n ->
    [one] en varning ({ $warnings })
   *[other] { $n } varningar ({ $warnings })
  }
why_secondary = en sekundär fråga
why_assumed = bygger på ett antagande om få skolor
why_exploratory = körningen avviker från planen
strength_why = { $grade }: { $why }

# En figurs rubrik: vad som sågs.
finding_open = { $subject } { $place }: { $amount } på pilotskolorna än väntat, men det kan bero på slumpen
finding_effect = { $subject } { $place }: { $amount } på pilotskolorna än väntat, och intervallet innehåller inte noll
finding_effect_of_several = { $subject } { $place }: { $amount } på pilotskolorna än väntat; intervallet, ojusterat för flera huvudfrågor, innehåller inte noll
finding_none = Effekten på { $outcome } { $place } går inte att fastställa

# Meningar om en skattning.
sentence_not_estimable = Effekten på { $outcome } { $place } går inte att fastställa: { $why }.
sentence_unbounded = Effekten på { $outcome } { $place } går inte att fastställa: med { $pilot } av { $schools } skolor i pilotprojektet går det inte att beräkna något avgränsat intervall (lägsta möjliga p-värde { $smallest }).
sentence_open = Effekten på { $outcome } { $place } går inte att fastställa: allt från { $span } är förenligt med data ({ $level } intervall; { $pilot } av { $schools } skolor).
sentence_effect = { $subject } { $place } blev { $amount } på pilotskolorna än vad utvecklingen på jämförelseskolorna talar för ({ $level } intervall { $span }; { $pilot } av { $schools } skolor).
sentence_counted = Det motsvarar { $span }.
sentence_detectable = Effekter mindre än { $size } { $unit } skulle ofta ha missats.
sentence_several = Flera huvudfrågor ställdes; med hänsyn till det kan resultatet bero på slumpen.
sentence_one_of_several = Det är en av flera huvudfrågor, och intervallet är inte justerat för de övriga; svaren i sammanfattningen är det.
sentence_secondary = Det är en sekundär fråga, utan justering för hur många som ställdes: evidensen är som mest svag.
sentence_assumption = Resultatet förutsätter att { $assumption }; utan det antagandet kan inget p-värde bli lägre än { $smallest }.
sentence_none = { $subject } { $place }: ingen effekt av betydelse. Data är förenliga med { $span } ({ $level } intervall; { $pilot } av { $schools } skolor).
sentence_strength = Evidensstyrka: { $grade }.
sentence_p = P-värdet är { $p }; utan antaganden är det lägsta möjliga { $smallest }.
sentence_p_adjusted = P-värdet är { $p }, och { $adjusted } justerat för flera frågor (Holm); utan antaganden är det lägsta möjliga { $smallest }.
sentence_truth = Sann effekt i dessa syntetiska data: { $size } { $unit }.
assumption_ = inget
assumption_variance_ratio = pilotskolornas förändringar varierar minst { $least } och högst { $bound } gånger så mycket som jämförelseskolornas

# Kostnad.
money = { $kronor } kr
cost_cost_per_pupil = Mentorernas kostnad per elev och läsår
cost_cost_per_pupil_reaching_goals = Kostnad per ytterligare elev med godkända betyg i alla { $form ->
    [GR] ämnen
    [GY] kurser
   *[other] ämnen eller kurser
  }
cost_cost_per_day_of_absence = Kostnad per undviken frånvarodag
cost_is = { $cost }, { $form }: { $money }.
cost_is_between = { $cost }, { $form }: { $money } ({ $level } intervall { $low } till { $high }).
cost_is_at_least = { $cost }, { $form }: minst { $low }, utan övre gräns eftersom nyttan kan vara noll.
cost_is_no_gain = { $cost }, { $form }: intervallet rymmer ingen nytta alls.
cost_is_unknown = { $cost }, { $form }: kan inte avgöras.
cost_is_unknown_why = { $cost }, { $form }: kan inte avgöras ({ $why }).

# Varningar: korta namn, och vad som sågs.
warning_reporting_changed = frånvarorapporteringen ändrades
    .whether = om frånvarorapporteringen ändrades
    .seen = Andelen rapporterad lektionstid ändrades { $figure } procentenheter mer på pilotskolorna (gräns { $limit }). En del av skillnaden i frånvaro kan bero på hur den registrerades.
warning_drift_before_the_start = skolorna utvecklades olika före starten
    .whether = om skolorna utvecklades olika före starten
    .seen = Före starten rörde sig pilotskolorna { $figure } procentenheter per termin från de andra.
warning_a_small_drift_would_overturn_it = en liten avvikande trend kullkastar svaret
    .whether = om en liten avvikande trend skulle kullkasta svaret
    .seen = { $size ->
        [none] Prövningen av avvikande trender har ett eget, bredare intervall som inte utesluter noll ens utan någon avvikelse. En avvikande trend kan därför inte uteslutas som förklaring (gräns: { $limit } gånger den största tidigare förändringen).
       *[some] En avvikande trend på { $figure } gånger den största tidigare förändringen skulle kullkasta svaret (gräns { $limit }).
      }
warning_one_school_decides = en enda skola avgör
    .whether = om en enda skola avgör
    .seen = Utan en av skolorna byter skattningen tecken; den varierar med { $figure } procentenheter.
warning_an_effect_before_any_mentor = en effekt före första mentorn
    .whether = om det syns en effekt redan före första mentorn
    .seen = Även en påhittad tidigare start har en ”effekt” (p { $figure }, gräns { $limit }).
warning_pupils_left_unevenly = olika stora andelar av eleverna slutade
    .whether = om olika stora andelar av eleverna slutade
    .seen = Andelen elever som slutade skiljer sig { $figure } procentenheter mellan pilotskolor och jämförelseskolor (gräns { $limit }).
warning_unlike_before = skolorna var olika före starten
    .whether = om skolorna var olika före starten
    .seen = Skolorna var olika redan före starten: { $figure } standardavvikelser (gräns { $limit }).
warning_without_exceptional_terms_moves_it = { $exceptional_terms } påverkar svaret
    .whether = om { $exceptional_terms } påverkar svaret
    .seen = Utan { $exceptional_terms } ändras skattningen med { $figure } procentenheter (gräns { $limit }).
warning_ratio_moves_it = beräkning med kvoter ändrar svaret
    .whether = om kvoter i stället för skillnader ändrar svaret
    .seen = Räknad som kvot ändras skattningen med { $figure } procentenheter (gräns { $limit }).
warnings_none = Ingen varning som har betydelse för detta svar utlöstes.
warnings_unknown = Data visar inte { $warnings }.
warning_unmade = { $warning } (gick inte att pröva)

# Rapporten: titel och första sidan.
synthetic_notice = Syntetiska data som inte säger något om { $municipality }
report_synthetic = Syntetiska data som inte säger något om { $municipality }. Alla skolor, elever och siffror är påhittade.
report_imprint = { $commissioner } · { $author } · { $dated ->
    [none] analysplan { $date }
   *[other] { $dated } (analysplan { $date })
  } · version { $version }
report_exploratory = Utforskande: denna körning avviker från analysplanen.
report_answers = Svaren
report_known = Det vi vet
report_unknown = Det vi inte vet
report_cost_next = Kostnad och nästa steg
known_nothing = Inget huvudresultat kan skiljas från slumpen.
known_with = Det finns { $grade } evidens för { $findings }.
known_that = att { $finding }
unknown_nothing = Alla frågor har fått ett svar.
unknown_whether = Oklart är om { $findings }.
in_form = { $finding } på { $form }
known_C1 = { $way ->
    [better] frånvaron minskade
    [none] frånvaron ändrades knappt
   *[worse] frånvaron ökade
  }
known_C2 = { $way ->
    [better] fler elever nådde målen
    [none] måluppfyllelsen ändrades knappt
   *[worse] färre elever nådde målen
  }
known_C3 = { $way ->
    [better] elever med tidigare hög frånvaro gynnades
    [none] elever med tidigare hög frånvaro påverkades knappt
   *[worse] elever med tidigare hög frånvaro missgynnades
  }
known_C4 = { $way ->
    [better] riktat stöd hjälpte
    [none] riktat stöd spelade knappt någon roll
   *[worse] riktat stöd skadade
  }
known_C5 = { $way ->
    [better] lärarna lade mindre tid på annat än undervisning
    [none] lärarnas tid ändrades knappt
   *[worse] lärarna lade mer tid på annat än undervisning
  }
known_C6 = { $way ->
    [better] eleverna kände sig tryggare
    [none] eleverna kände sig lika trygga
   *[worse] eleverna kände sig mindre trygga
  }
next_more = Mentorerna kostade { $costs } per elev och läsår. Pröva nästa gång med fler skolor som lottas.
next_none = Mentorerna kostade { $costs } per elev och läsår. Huvudfrågorna visar ingen effekt av betydelse att väga mot det.
next_weigh = Mentorerna kostade { $costs } per elev och läsår. Väg det mot nyttan.
next_more_drawn = Mentorerna kostade { $costs } per elev och läsår. Pröva nästa gång med fler skolor.
next_no_cost_drawn = Mentorernas kostnad finns inte i underlaget. Pröva nästa gång med fler skolor.
next_no_cost = Mentorernas kostnad finns inte i underlaget. Pröva nästa gång med fler skolor som lottas.
cost_in_form = { $money } ({ $form })
question_C1 = Minskade frånvaron?
question_C2 = Nådde fler elever målen?
question_C3 = Gynnades elever som tidigare haft hög frånvaro?
question_C4 = Hjälpte riktat stöd?
question_C5 = Lade lärarna mindre tid på annat än undervisning?
question_C6 = Kände sig eleverna tryggare?
question_C7 = Vad kostade det?
page1_caption = { $form } om inget annat anges, pilotskolor mot jämförelseskolor. Linjen visar ett { $level } intervall, punkten skattningen och det skuggade fältet effekter som är för små för att ha betydelse.
page1_question = Fråga
page1_difference = Sämre ← 0 → bättre
page1_answer = Svar
page1_strength = Evidensstyrka och skäl
page1_same = Där { $form } saknar egen rad är svaret detsamma.
interval_alt = Intervall { $span }, { $side ->
    [better] helt på den bättre sidan om noll
    [worse] helt på den sämre sidan om noll
    [touches] når noll
   *[across] på båda sidor om noll
  }.
interval_alt_none = Inget intervall.
key_strong = Stark:	intervallet innehåller inte noll och { $n ->
    [0] ingen varning utlöstes.
    [one] högst en varning utlöstes.
   *[other] högst { $n } varningar utlöstes.
  } Det som inte gick att pröva räknas som en varning.
key_moderate = Måttlig:	intervallet innehåller inte noll, men { $n ->
    [one] en varning utlöstes.
   *[other] upp till { $n } varningar utlöstes.
  }
key_weak = Svag:	fler varningar, en sekundär fråga (inte justerad för hur många som ställdes) eller ett svar som bygger på ett antagande.
key_none = Ingen effekt av betydelse:	alla effekter i intervallet är för små för att ha betydelse.
key_maybe = Kanske, men kan vara slump:	intervallet innehåller inte noll, men när hänsyn tas till att flera huvudfrågor ställdes kan det vara slump. Räknas som ”kan inte avgöras”.
key_open = Kan inte avgöras:	data är förenliga både med att det finns en effekt och med att det inte gör det. Det betyder inte ”ingen effekt”.
report_key = Så läses evidensstyrkan

# Rapporten: sidorna därefter.
report_design = Vad som gjordes och hur det utvärderas
design_untreated = En skola som haft mentorer tidigare, eller där det är okänt, räknas inte som jämförelseskola.
design_stopped = { $n ->
    [one] En pilotskola
   *[other] { $n } pilotskolor
  } saknade mentorer under någon termin efter starten. Även sådana terminer räknas som tid efter starten: svaren gäller att ha börjat, inte att ha fortsatt.
design_schools = { $form }:	{ $pilot } av { $schools } skolor hade heltidsmentorer; alla skolor hade tillsammans { $pupils } elever under de terminer som ingår.
design_eligible = Att tidigare ha haft hög frånvaro betyder { $rule }{ $when ->
    [none] { "" }
   *[other] , här { $when }
  }. Samma regel används för att välja elever på alla skolor: { $counts }.
eligibility_rule = frånvaro på minst { $eligibility_absence } av lektionstiden, { $eligibility_lag } terminer innan de första mentorerna började
design_targeted = Aktuella för riktat stöd är sådana elever på skolor som riktade stödet och på jämförelseskolor: { $counts }.
count_in_form = { $pupils } på { $form }
design_timeline = Skolor med heltidsmentorer, termin för termin.
report_logic = Hur mentorerna var tänkta att göra nytta
logic_text = Varje steg är en egen fråga. En pil är en förhoppning, inte ett resultat.
logic_caption = Tanken bakom pilotprojektet, och annat som påverkar samma siffror.
report_claimed = Vad som påstods och vad data visar
claimed_text = { $asked ->
    [yes] Pressmeddelandet byggde på enkäter till dem som deltog. Här prövas varje påstående mot data.
   *[no] Här prövas vart och ett av pressmeddelandets påståenden mot data.
  }
claimed_claim = Påstående
claimed_needs = Vad som krävs för att det ska stämma
claimed_data = Vad data visar
claimed_caption = Pressmeddelandets påståenden, ett i taget.
claim_support = Elever med hög frånvaro fick bättre stöd.
    .needs = Deras frånvaro minskar mer än för motsvarande elever på andra skolor.
claim_chances = De fick bättre möjligheter att nå målen.
    .needs = En större andel av dem når målen än av motsvarande elever på andra skolor.
claim_targeted = Elever som fick riktat stöd nådde målen oftare.
    .needs = Fler av dem gör det än av elever som samma regel väljer på andra skolor.
claim_aim = Pilotprojektet uppfyllde sitt syfte, enligt alla fyra grupper.
    .needs = Svar före och efter, även på jämförelseskolor.
    .data = Kan inte avgöras: att deltagarna är nöjda efteråt visar ingen effekt.
claim_safety = Enskilda elever och större grupper blev tryggare.
    .needs = Trygghetsindexet ökar mer än på jämförelseskolorna.
claim_teaching = Lärarna kunde undervisa.
    .needs = Deras tid för annat än undervisning minskar mer än på andra skolor.
claim_examination = Fler elever kommer att ta examen.
    .needs = Elever följs tills de lämnar gymnasiet.
    .data = Kan inte avgöras: eleverna går fortfarande i skolan när uppgifterna tar slut.
claimed_answer = { $form }: { $answer } ({ $span }; { $grade })
claimed_answer_bare = { $form }: { $answer } ({ $grade })
claimed_points = { $way ->
    [better] kanske
   *[worse] kanske tvärtom
  }
claimed_naive = Att bara jämföra före och efter är missvisande: elever som väljs ut när frånvaron är hög brukar ändå få lägre frånvaro. Så här förändrades frånvaron bland elever som tidigare haft hög frånvaro, på pilotskolor och på jämförelseskolor. Sist står pilotskolornas förändring ett år tidigare, innan det fanns några mentorer:
claimed_naive_form = { $form }:	{ $pilot } procentenheter på pilotskolor och { $others } på jämförelseskolor; { $earlier } på pilotskolor ett år tidigare.
report_results = Resultaten, fråga för fråga
results_response = Inga resultat visas för grupper med färre än { $survey_min_answers } svar eller där mindre än { $survey_min_response } av de tillfrågade svarade. Mentorer och rektorer redovisas aldrig per skola.
results_joint = Alla skolformer tillsammans: ett test av att pilotprojektet inte förändrade något i någon av dem ger p { $p } (lägsta möjliga { $smallest }; utan justering för antalet frågor). Det säger inget om hur stor en effekt är eller var den finns.
results_caption = { $question } Sekundära utfall.
results_not_asked = Kan inte avgöras: det finns inga uppgifter att jämföra.
results_reporting = Hur registrerades frånvaron?
reporting_text = Bättre registrering ser ut som högre frånvaro. Hur stor del av lektionstiden som någon rapporterade är en fråga om datakvalitet, inte en effekt på elever, och får ingen evidensstyrka.
report_holds = Håller svaret?
holds_reporting = Andelen rapporterad lektionstid { $way ->
    [less] sjönk
   *[more] steg
  } { $size } procentenheter mer på pilotskolorna, vilket i sig flyttar denna variant.
holds_most = { $form }:	varianten ”{ $variant }” ändrar skattningen mest, från { $from } till { $to } { $unit }{ $span ->
    [none] .
   *[other] {" "}({ $level } intervall { $span }).
  }
holds_none = Inget annat sätt att skatta var möjligt.
holds_caption = { $question } Skattningen med andra metodval.
variant_primary = Som planerat
variant_by_pupils = Varje elev räknas en gång
variant_ratio = Kvoter i stället för skillnader
variant_stayers = Bara elever med uppgifter både före och efter
variant_baseline_covariates = Regression med bakgrundsvariabler
variant_callaway = Callaways och Sant'Annas metod
variant_unreported_present = Orapporterad tid som närvaro
variant_unreported_dropped = Orapporterad tid utelämnad
variant_unreported_absent = Orapporterad tid som frånvaro
variant_without_remote_weeks = Utan veckor på distans
# Där körningen inte har några.
exceptional_terms_none = avvikande terminer (inga)
variant_without_exceptional_terms = Utan { $exceptional_terms }
term_spring = våren { $year }
term_autumn = hösten { $year }
variant_without_prestudy_schools = Utan förstudiens skolor
variant_without_first_year = Utan de två första terminerna
variant_without_last_term = Utan den sista terminen
variant_pupils_there_before = Bara elever inskrivna före starten
variant_imputed = Saknade utfall imputerade
variant_against_other_pupils_of_the_school = Mot andra elever på skolan
variant_left_out = En skola i taget utelämnad
variant_honest = Om skolor glidit isär som förut
variant_straight_trend = Om en rak trend fortsatt
variant_placebo_year_earlier = Ett år tidigare (bör vara noll)
variant_lowest_possible = All orapporterad tid närvaro på pilotskolor, frånvaro på övriga
variant_highest_possible = All orapporterad tid frånvaro på pilotskolor, närvaro på övriga
variant_lee_lower = Elever som skulle stanna var som helst, nedre gräns (Lee)
variant_lee_upper = Elever som skulle stanna var som helst, övre gräns (Lee)
variant_curve_median = Medianen av alla försvarbara val
check_none = Alla varningar i planen
verdict_holds = står sig
verdict_moves = ändras
verdict_turns = byter tecken
verdict_clear = utan anmärkning
verdict_raised = varning
verdict_unknown = okänt
variant_left_out_lowest = Utan en av skolorna (lägsta skattningen)
variant_left_out_highest = Utan en av skolorna (högsta skattningen)
report_decisions = Inför nämndens beslut
decision_organisation = Klassmentorer eller riktat stöd?
organisation_text = Det lottades inte hur skolorna organiserade mentorerna. En skillnad skulle därför beskriva skolorna, inte visa vad den beror på.
organisation_caption = Effekter på elever som tidigare haft hög frånvaro på skolor med vart slag av mentor, i { $unit } ({ $level } intervall), och hur mycket mer eller mindre riktat stöd gav.
organisation_column_what = Effekt på
organisation_column_targeted = Riktat stöd
organisation_column_class = Klassmentorer
organisation_column_difference = Skillnad
organisation_column_p = p (lägsta möjliga)
organisation_open = Det går inte att avgöra vilket slags mentor som ger mest: { $n ->
    [one] skillnaden kan bero på slumpen{ $p ->
        [none] { "" }
       *[other] { " " }(p { $p })
    }.
   *[other] när hänsyn tas till att { $n } jämförelser gjordes kan varje skillnad bero på slumpen{ $p ->
        [none] { "" }
       *[other] { " " }(Holms metod, lägsta p { $p })
    }.
}
organisation_differs = På { $form } är effekten på { $outcome } { $amount } med riktat stöd än med klassmentorer, även när hänsyn tas till antalet jämförelser (Holms metod, p { $p }). Svag evidens, eftersom planen inte ställde frågan.
organisation_assumption = Intervallen förutsätter att skolor med det ena slagets mentorer varierar högst dubbelt så mycket som de andra. Utan det antagandet kan inget p-värde bli lägre än det lägsta möjliga.
organisation_synthetic = Simulatorn bakom dessa syntetiska data utgår, om inget annat anges, från att riktat stöd hjälper sina elever mer än klassmentorer gör. Därför säger de inget om vilket sätt som fungerar bäst.
organisation_unknown = På { $form } går de två inte att jämföra ({ $why }).
decision_cost = Vad kostade det?
cost_text = Kostnaderna är de som skolorna har uppgett för mentorerna, i { $years ->
    [none] de årens
   *[other] { $years } års
  } priser. Vad mentorerna ersatte är inte avdraget, inte heller värdet av den tid lärarna kan ha fått över. Där nyttan kan vara noll har kostnaden per uppnådd effekt ingen övre gräns.
cost_known_of = På { $form } är kostnaden känd i sin helhet för { $n } av { $pilot } pilotskolor. Terminer utan uppgift räknas inte med, varken kronor eller elever.
cost_graded = Kostnaderna per uppnådd effekt följer intervallen för svaren på sidan 1 och är lika osäkra som dessa.
decision_next = Hur bör nästa pilotprojekt se ut?
next_text = Om skolorna lottas behöver ingen välja jämförelseskolor. Det här pilotprojektet skulle i fyra fall av fem ha upptäckt effekter på minst { $effects }.
next_schools = Skolor, hälften med mentorer
next_caption = Den minsta effekt på { $outcome } som ett lottat pilotprojekt upptäcker i fyra fall av fem, om skolorna varierar som här.
next_command = Hur mycket skolor varierar är uppmätt på få skolor, så även dessa tal är osäkra. Kommandot ”pilot power” räknar på andra upplägg.
organisation_class = klassmentorer
organisation_targeted = riktat stöd
cost_mentored_text = Kostnaden per elev med mentor är en annan siffra, eftersom mentorerna inte har hand om alla elever på skolan:
cost_mentored = { $form }, { $organisation }:	{ $money } per elev med mentor och läsår.
net_text = Även lärarnas tid har ett värde. Effekten på en lärares timmar i veckan för annat än undervisning, multiplicerad med antalet lärare per elev och läsårets veckor, motsvarar så här många frigjorda timmar. De är lika osäkra som svaret om lärarna:
net_hours = { $form }:	{ $hours } timmar per elev och läsår ({ $level } intervall { $low } till { $high }).
net_worth = Om en lärartimme är värd (kr)
net_between = { $net } ({ $low } till { $high })
net_caption = Mentorernas kostnad per elev och läsår (kr) när värdet av lärarnas tid har dragits av, med intervall. Ett värde under noll betyder att den frigjorda tiden är värd mer än mentorerna kostar.
break_even_text = Vad det är värt att ytterligare en elev når målen är nämndens sak att bedöma. Tabellen visar hur många fler elever i en klass på { $class } som måste göra det för att mentorerna ska bära sina egna kostnader.
break_even_worth = Om varje sådan elev är värd (kr)
break_even_found = Skattat intervall
break_even_caption = Så många fler elever i en klass på { $class } måste nå målen för att mentorerna ska bära sina egna kostnader.
effect_in_form = { $size } på { $form }
report_limits = Vad detta inte visar
limits_selection_drawn = Urval:	{ $chosen } Grupperna skiljer sig därför bara åt av en slump. Intervallen tar redan hänsyn till skillnader före starten, så de räknas inte som varningar. Svaret gäller skolor som dessa.
limits_selection = Urval:	{ $chosen } Om skolor gick med för att de redan var på väg att förändras blir jämförelsen missvisande.
limits_chosen = { $drawn ->
    [yes] skolorna lottades.
   *[no] skolorna lottades inte.
  }
limits_spillover = Spridningseffekter:	effekter på pilotskolornas övriga elever ingår i svaren om alla elever. Effekter på jämförelseskolorna skulle göra skattningarna för små.
limits_harms = Oönskade effekter:	stigmatisering och minskad kontakt mellan lärare och elev har inte mätts.
limits_subgroups = Grupper:	{ $groups ->
    [none] planen nämner inga elevgrupper, så inga beskrivs.
    [withheld] planen nämner elevgrupper, men ingen av dem kan redovisas: de är för små, eller så saknas uppgifter.
   *[described] bara de som planen nämner beskrivs, i bilagan. Inget test görs av dem: en skillnad mellan grupper är inget resultat.
  }
limits_ethics = Dataskydd:	elevernas identitet ersätts med nyckelkodade beteckningar före all analys, små grupper redovisas inte och ingen med skyddade personuppgifter visas. Kommunen är personuppgiftsansvarig: rättslig grund och, om utvärderingen är forskning, etikprövning ska vara klara innan verkliga uppgifter används.
limits_interests = Finansiering och intressen:	{ $told }
report_method = Bilaga: metod
method_estimand = Vad som skattas: den genomsnittliga effekten för alla elever på pilotskolorna under terminerna efter starten; varje skola räknas en gång.
method_estimator = Hur: varje pilotskolas förändring från före till efter, minus jämförelseskolornas under samma terminer, justerad för årskurs, kön, bakgrund och föräldrarnas utbildning.
method_test = Test och intervall: { $methods }. Varje skola bidrar med ett tal, så att elever aldrig räknas som om var och en vore ett eget försök.
method_assumption = Antagande: { $assumption }. Utan det kan inget test ge ett lägre p-värde än det lägsta möjliga, som står bredvid varje p.
method_several = Flera frågor: p-värdena för de { $n } huvudfrågorna justeras med Holms metod inom varje skolform.
method_icc = Likhet inom skolor: intraklasskorrelationen för { $outcome } ({ $who }) är { $values }.
value_in_form = { $value } på { $form }
method_grades = Evidensstyrkan följer planens regel; förklaringen finns på sidan 1. Sekundära och utforskande resultat får aldrig högre evidensstyrka än svag.
method_plan = Planen låstes den { $date } och har { $n ->
    [0] inte ändrats.
    [one] ändrats en gång, den { $last }.
   *[other] ändrats { $n } gånger, senast den { $last }.
  }{ $digest ->
    [none] { "" }
   *[other] { " " }SHA-256 för plan och kod: { $digest }.
  }
method_units = Läsåret räknas som { $school_days } skoldagar, det minsta antal ett svenskt läsår får ha. Andelar av elever räknas om till en klass på { $class }.
method_data = { $read } rader lästes ur { $files } filer och { $kept } behölls; resten togs bort enligt regler vars rader räknas var för sig.
method_data_at_least = { $read } rader lästes ur { $files } filer och minst { $kept } behölls; resten togs bort enligt regler som räknas var för sig.
method_departs = { $parameter }: planerat { $planned }, använt { $used }
report_tables = Bilaga: tabeller
response_cell = { $share } ({ $answers })
tables_main = Alla huvudskattningar, { $form }
means_caption = Medelvärden före och efter starten: medelvärde över terminer, där varje skola räknas en gång.
means_head = { $group }, { $period }
tables_subgroups = { $outcome }: förändring från före till efter den första starten, per elevgrupp ({ $unit }; medelvärden över skolor, där varje skola räknas en gång). En beskrivning utan test. Streck: för få för att redovisas.
column_subgroup = Elevgrupp
subgroup_sex_girl = Flickor
subgroup_sex_boy = Pojkar
subgroup_foreign_background_0 = Svensk bakgrund
subgroup_foreign_background_1 = Utländsk bakgrund
subgroup_newly_arrived_0 = Inte nyanlända
subgroup_newly_arrived_1 = Nyanlända
subgroup_parental_education_1 = Föräldrar: grundskola
subgroup_parental_education_2 = Föräldrar: gymnasium
subgroup_parental_education_3 = Föräldrar: eftergymnasial utbildning
subgroup_grade_name = Årskurs { $level }
method_amended = Varje ändring står med datum och skäl, på engelska, på webbplatsens sida om planen.
tables_response = Svarsfrekvens i enkäterna, procent (antal svar)
column_outcome = Utfall
column_school = Skola
column_where = Grupp
among_all_pupils = alla elever
among_eligible_pupils = elever som tidigare haft hög frånvaro
among_eligible_at_targeted = elever som var aktuella för riktat stöd
among_eligible_at_class = elever som tidigare haft hög frånvaro, på skolor med klassmentorer
among_others_at_targeted = övriga elever på skolor med riktat stöd
among_teachers = lärare
among_pupils_answering = elever som svarat
column_form = Skolform
column_difference = Skillnad, { $unit } ({ $level } intervall)
column_difference_none = Skillnad ({ $level } intervall)
column_difference_mixed = Skillnad, { $unit } om inget annat anges ({ $level } intervall)
difference_cell = { $size } ({ $span })
difference_cell_unit = { $size } ({ $span }) { $unit }
column_estimate = Skattning
column_interval = Intervall
column_unit = Enhet
column_p = p
column_g = g
column_smallest = Lägsta p
column_schools = Pilot / alla
column_strength = Evidensstyrka
column_who = Vilka
column_group = Skolor
column_wave = Omgång
column_share = Svarade (%)
column_answers = Svar
group_pilot_schools = pilotskolor
group_comparison_schools = jämförelseskolor
who_teachers = Lärare
who_principals = Rektorer
who_mentors = Mentorer
who_pupils_answering = Elever
table_suppressed = visas inte
table_unknown = inte känt
table_unbounded = inte avgränsat
table_ungraded = bedöms inte

# Rapporten: innehåll, nummer, vilka som ingår, forskning, källor, ordlista.
report_contents = Innehåll
number_table = Tabell
number_figure = Figur
report_studied = Vilka som ingår
flow_text = Eleverna räknas den sista terminen innan de första mentorerna började. Ingen utesluts för att ha saknat mentor: en pilotskolas elever räknas dit oavsett vilket stöd de fick.
without_caption = Elever som saknar värde någon termin efter den första starten, procent av dem som då var inskrivna. Streck: ingen, eller för få för att redovisas.
flow_caption = Skolor och elever, och hur många som slutade{ $joined ->
    [yes] {" "}eller tillkom. Tillkom: andelen av eleverna ett år senare, i årskurser efter den första, som inte gick på någon av skolorna före starten
   *[no] { "" }
  }. Streck: ingen, eller för få för att redovisas.
flow_arm = Grupp
flow_schools = Skolor
flow_pupils = Elever före starten
flow_left = Slutade inom ett år (%)
flow_joined = Tillkom inom ett år (%)
flow_left_form = { $form }:	andelen elever som slutade skiljer sig med { $size } procentenheter mellan grupperna, vilket är { $within ->
    [yes] inom
   *[no] utanför
  } What Works Clearinghouses strängare gräns på { $limit }.
balance_title = Hur lika skolorna var före starten
balance_text = En skillnad på högst 0,05 standardavvikelser (Hedges g; Cox index för andelar av elever) är liten, och en på högst 0,25 går att justera för. Vid större skillnader räcker justering inte enligt What Works Clearinghouse; sådana skillnader (före avrundning) är märkta med en asterisk. När förändringar jämförs över tid försvinner skillnader som är konstanta, men inte sådana som växer.
balance_unlike = { $form }:	pilotskolorna skilde sig för mycket från jämförelseskolorna i fråga om { $what }.
balance_caption = Elever på { $form } den sista terminen före starten: medelvärden, elevernas standardavvikelse inom grupperna (SD, i medelvärdets enhet; procentenheter för andelar) och skillnaden uttryckt i standardavvikelser (g). Streck: för få elever för att redovisas, eller överflödigt för en andel av eleverna.
balance_pilot = Pilotskolor
balance_comparison = Jämförelseskolor
balance_sd = SD
balance_g = Skillnad (g)
balance_what = Mått
balance_too_far = { $size } *
delivery_title = Vad eleverna fick
delivery_text = { $everybody ->
    [yes] Urvalsregeln är utvärderingens egen: de elever som den pekar ut på pilotskolor med riktat stöd behöver inte ha fått en mentor.
   *[no] Inte alla elever som urvalsregeln pekar ut på pilotskolor med riktat stöd fick en mentor.
  } Så mycket högre var andelen med mentor än bland motsvarande elever på andra skolor:
delivery_share = { $form }:	{ $share } procentenheter (inget avgränsat intervall går att beräkna).
delivery_share_between = { $form }:	{ $share } procentenheter ({ $level } intervall { $span }).
posts_text = Tabellen visar mentorernas heltidstjänster och elever, enligt skolornas uppgifter. Den tar bara upp terminer då alla skolor med det slagets mentorer hade sådana.
posts_caption = Mentorer och deras elever, per skolform, slag av mentor och termin. Heltidstjänster avrundade till halva, elever till tiotal.
posts_kind = Skolform och mentorer
posts_term = Termin
posts_schools = Skolor
posts_posts = Heltidstjänster
posts_caseload = Elever per heltidsmentor
posts_pupils = Elever med mentor
delivery_one_school = { $form }, { $mentors }:	redovisas inte, eftersom { $kinds ->
    [one] bara en skola hade sådana
   *[other] vartdera slaget fanns på bara en skola
}.
delivery_missing = Enskilda skolors tjänster och elever redovisas inte, eftersom de skulle röja hur många elever som valdes ut där. Underlaget visar inte heller vem som valde ut eleverna och på vilka grunder, hur ofta mentor och elev träffades eller vad de gjorde.
report_research = Forskning om liknande insatser
research_text = Ingen studie med jämförelsegrupp av heltidsmentorer i svenska skolor har hittats. De närmast liggande studierna pekar åt olika håll: en randomiserad studie fann fyra frånvarodagar färre i en av två åldersgrupper, andra fann små effekter eller inga.
research_caption = Vad andra studier visar.
research_study = Studie
research_design = Upplägg
research_found = Resultat
research_uncertainty = Osäkerhet
study_check_connect = Check & Connect, Chicago
    .design = Randomiserad, 23 skolor; 765 elever fick en heltidsmentor i två år
    .found = 4,2 färre frånvarodagar i årskurs 5–7, ingen effekt i årskurs 1–4. Ingen effekt på betyg eller prov.
    .uncertainty = Anges inte i sammanfattningen
study_iko = IKO, Norge
    .design = Lottade skolor, 42 gymnasieskolor, 7 677 elever
    .found = Ingen effekt på frånvaro, fullföljande eller resultat, inte heller för elever i riskzonen.
    .uncertainty = Ej signifikant; intervall anges inte i sammanfattningen
study_diplomas_now = Diplomas Now, USA
    .design = Lottade skolor, 62 skolor, årskurs 6 och 9
    .found = 3,6 procentenheter fler elever utan någon varningssignal.
    .uncertainty = Anges inte i sammanfattningen
study_danish_aides = Lärarassistenter, Danmark
    .design = Randomiserad, 105 skolor
    .found = Bättre provresultat.
    .uncertainty = Återges inte här
study_ifau = Handledning för lärare (Coaching for Teaching), Sverige
    .design = Jämförelse över tid, 10 högstadieskolor
    .found = Bättre resultat i engelska; ingen signifikant effekt på övriga utfall.
    .uncertainty = Återges inte här
study_success_mentors = Success Mentors, New York
    .design = Matchad jämförelse
    .found = Omkring nio fler dagar i skolan uppgavs; enligt What Works Clearinghouse uppfyller ingen av analyserna dess krav.
    .uncertainty = Går inte att bedöma
study_linnaeus = Heltidsmentorer, Sverige
    .design = Två högstadieskolor, utan jämförelse
    .found = Lärarna kände mindre stress men fick mer undervisningstid; arbetsbelastningen upplevdes som oförändrad.
    .uncertainty = Går inte att bedöma
study_eef = EEF:s översikt om närvaro
    .design = Översikt av 72 studier
    .found = Blandade resultat för mentorer; evidensen är svag.
    .uncertainty = Ingen gemensam skattning
report_references = Källor
report_glossary = Ordlista
glossary_interval = Intervall:	de effekter som är förenliga med data. Om antagandena håller rymmer minst { $ci_level } av sådana intervall den sanna effekten.
glossary_p = P-värde:	hur ofta enbart slumpen skulle ge en minst lika stor skillnad. Hur lågt det kan bli utan antaganden bestäms av antalet skolor.
glossary_points = Procentenhet:	skillnaden mellan två andelar: från 10 till 12 procent är 2 procentenheter.
glossary_merit = Meritvärde:	summan av elevens 16 bästa betyg (17 med moderna språk), högst 340.
glossary_detectable = Minsta upptäckbara effekt:	en effekt som upplägget skulle ha upptäckt i fyra fall av fem.
glossary_goals = Nå målen:	få minst betyget E, i huvudfrågan i alla ämnen eller kurser. ”Påbörjade” omfattar alla ämnen eller kurser som eleven läste, ”betygsatta” bara dem där betyg kunde sättas.
glossary_persistent = Minst { $persistent_absence } frånvaro:	frånvaro på minst { $persistent_absence } av elevens lektionstid en termin.
glossary_did = Difference-in-differences (skillnad i skillnader):	förändringen på pilotskolorna minus förändringen på jämförelseskolorna.
glossary_g = Hedges g:	en skillnad uttryckt i standardavvikelser.

# Rapportens bildtexter, efter filens namn.
picture_trends_absence_share = Frånvaro per termin på pilot- och jämförelseskolor (procent av { $absence_coding ->
    [dropped] rapporterad
   *[other] schemalagd
  } lektionstid).
picture_coefficients_attendance = Effekter på frånvaron, med intervall.
picture_coefficients_goals = Effekter på måluppfyllelsen, med intervall.
picture_reversion_absence_share = Hos elever som väljs ut när frånvaron är hög sjunker den av sig själv.
picture_coefficients_eligible = Effekter bland elever som tidigare haft hög frånvaro.
picture_coefficients_targeted = Effekter bland elever som var aktuella för riktat stöd.
picture_coefficients_hours = Effekter på lärarnas timmar i veckan.
picture_survey_roles = Fyra grupper sida vid sida: en beskrivning, inte en effekt.
picture_survey_themes = Vad fritextsvaren tar upp: en beskrivning, inte en effekt.
picture_trends_safety_index = Elevernas trygghetsindex per enkätomgång.

# Vad `pilot check` säger om varje fråga innan något skattas.
terms_lacking = Inga elever för { $terms }: analysen görs utan de terminerna. Lägg till exporten, eller ändra first_term och last_term.
export_answerable = Vad exporten räcker till, fråga för fråga:
answerable_yes = kan besvaras
answerable_no = kan inte besvaras: { $lacks }
lacks_term = exporten har ingen av analysens terminer; ange first_term och last_term
lacks_pupils = inga elever; lägg till elever.csv (bara skolornas offentliga siffror: pilot public)
lacks_pilot_school = ingen pilotskola i exponering.csv
lacks_comparison_school = ingen jämförelseskola: lägg in de andra skolorna i exponering.csv, termin för termin, med status ingen
lacks_lesson_time = lektionstid saknas; lägg till undervisningstid.csv (eller summor per elev och termin: narvarosummor.csv, med schemalagt)
lacks_lesson_time_before = lektionstid före starten saknas för pilotskolorna eller jämförelseskolorna
lacks_lesson_time_after = lektionstid efter starten saknas för pilotskolorna eller jämförelseskolorna
lacks_lesson_time_together = ingen pilotskola har lektionstid både före och efter sin egen start för terminer som även en jämförelseskola har
lacks_absence = frånvaro saknas; lägg till franvaro.csv
lacks_absence_before = frånvaro före starten saknas för pilotskolorna eller jämförelseskolorna
lacks_absence_after = frånvaro efter starten saknas för pilotskolorna eller jämförelseskolorna
lacks_absence_together = ingen pilotskola har frånvaro både före och efter sin egen start för terminer som även en jämförelseskola har
lacks_grades = betyg saknas; lägg till betyg.csv
lacks_grades_before = betyg före starten saknas för pilotskolorna eller jämförelseskolorna
lacks_grades_after = betyg efter starten saknas för pilotskolorna eller jämförelseskolorna
lacks_grades_together = ingen pilotskola har betyg både före och efter sin egen start för terminer som även en jämförelseskola har
lacks_selection_term = frånvaro { $eligibility_lag } terminer före den första starten saknas; eleverna väljs ut efter den
lacks_eligible_pupils = ingen elev hade hög frånvaro då (minst { $eligibility_absence } av lektionstiden) och finns med någon annan termin
lacks_eligible_followed = ingen elev med tidigare hög frånvaro kan följas från före till efter en pilotskolas start, jämsides med sådana elever på en jämförelseskola
lacks_targeted_school = ingen pilotskola med riktat stöd (organisation riktad)
lacks_targeted_followed = ingen elev med tidigare hög frånvaro på en skola som riktade stödet kan följas med betyg från före till efter skolans start, jämsides med sådana elever på en jämförelseskola
lacks_teacher_answers = inga svar från lärare; lägg till personalenkat.csv
lacks_hours_other_asked = lärarnas enkät (instruments i evaluation.yml) frågar inte om timmar
lacks_teacher_answers_before = svar från lärare före starten saknas för pilotskolorna eller jämförelseskolorna
lacks_teacher_answers_after = svar från lärare efter starten saknas för pilotskolorna eller jämförelseskolorna
lacks_teacher_answers_together = ingen pilotskola har svar från lärare både före och efter sin egen start för terminer som även en jämförelseskola har
lacks_teacher_answers_few = för få lärare svarade för att något ska få redovisas: det krävs { $survey_min_answers } svar, { $survey_min_response } av de tillfrågade och två skolor, både före och efter starten, bland pilotskolorna och bland jämförelseskolorna
lacks_pupil_answers = inga svar från elever; lägg till elevenkat.csv
lacks_safety_index_asked = elevernas enkät (instruments i evaluation.yml) saknar safety_index
lacks_pupil_answers_before = svar från elever före starten saknas för pilotskolorna eller jämförelseskolorna
lacks_pupil_answers_after = svar från elever efter starten saknas för pilotskolorna eller jämförelseskolorna
lacks_pupil_answers_together = ingen pilotskola har svar från elever både före och efter sin egen start för terminer som även en jämförelseskola har
lacks_pupil_answers_few = för få elever svarade för att något ska få redovisas: det krävs { $survey_min_answers } svar, { $survey_min_response } av de tillfrågade och två skolor, både före och efter starten, bland pilotskolorna och bland jämförelseskolorna
lacks_cost = uppgift saknas om vad mentorerna kostade; fyll i kostnad_kr i exponering.csv

# Rubriker till webbplatsens figurer: sort, sedan vad den visar.
figure_logic_model = Hur mentorerna var tänkta att göra nytta
figure_exposure_timeline = Vilka som hade heltidsmentorer, och när
figure_balance = Hur lika skolorna var före starten
figure_trends = Termin för termin
figure_coefficients = Effekter
figure_coefficients_attendance = närvaro
figure_coefficients_goals = måluppfyllelse
figure_coefficients_eligible = elever som tidigare haft hög frånvaro
figure_coefficients_targeted = riktat stöd
figure_coefficients_hours = lärarnas timmar
figure_coefficients_indices = arbetsbelastning och trygghet
figure_reversion = Hos elever som väljs ut när frånvaron är hög sjunker den av sig själv
figure_survey_roles = Fyra roller sida vid sida
figure_survey_themes = Vad fritextsvaren tar upp
figure_survey_items = Svar på varje fråga
figure_survey_items_pupil = elever
figure_survey_items_teacher = lärare
figure_event_study = Effekt per termin sedan starten
figure_left_out = En skola utelämnad
figure_holds = Håller svaret?
figure_holds_title = { $question } Enligt planen { $planned }, med andra metodval { $span } { $unit } ({ $form })
figure_holds_caption = Punkterna är skattningar, linjerna { $level }-procentiga intervall; en ofylld punkt saknar intervall. Den prickade linjen är skattningen enligt planen.
figure_holds_zone = Skuggat: effekter inom ±{ $zone } { $unit }, för små för att ha betydelse.
figure_holds_bound = Streckad linje: alla effekter som är förenliga med data, om skolorna efter starten glidit isär lika mycket som mest före den, eller längs den raka trenden före den (Rambachan och Roth 2023).
figure_holds_alt = Punktdiagram. { $parts }.
figure_pilot_from = pilot från { $term }
figure_school_changes = Skola för skola
figure_school_changes_title = { $question } Bättre än jämförelseskolornas medelvärde på { $better } av { $all } pilotskolor ({ $form })
figure_school_changes_count = { $better } av { $all } bättre
figure_school_changes_caption = Varje punkt är en skola, ett lodrätt streck är gruppens medelvärde. Noll är jämförelseskolornas genomsnittliga förändring.
figure_school_changes_alt = Punkter på linjer, en punkt per skola. { $parts }.
school_changes_text = Varje punkt visar hur mycket mer eller mindre utfallet förändrades på en skola än i genomsnitt på jämförelseskolorna. Av ren slump kan ungefär hälften av pilotskolorna väntas ligga på den bättre sidan, men med så få skolor, som alla jämförs med samma medelvärde, är det inte ovanligt att alla gör det. Figuren namnger inga skolor. Värdena är beräknade ur publicerade skattningar där en skola i taget utelämnats. De är avrundade, så en punkt kan ligga något fel.
school_changes_picture = Förändringen efter starten på varje skola, minus jämförelseskolornas genomsnittliga förändring.
figure_drift = Hur stor förskjutning som skulle vända svaret
figure_specification_curve = Vad andra val ger
figure_published_effects = Publicerade effekter bredvid pilotprojektets
figure_size_and_power = Hur ofta varje test tar fel, och vad det upptäcker

# Tre påhittade pilotprojekt sida vid sida.
side_title = Tre rapporter sida vid sida
side_notice = Syntetiska data: alla tre pilotprojekten, deras skolor, elever och siffror är påhittade.
side_text = Tre påhittade pilotprojekt, utvärderade på samma sätt. Eftersom data är påhittade är sanningen känd: romben visar den sanna effekten.
side_yes = Ett tydligt ja:	hela intervallet ligger på den bättre sidan om noll, och ingen varning försvagar svaret.
side_no = Ett tydligt nej:	hela intervallet ligger i det skuggade fältet, där effekter är för små för att ha betydelse.
side_open = Kan inte avgöras:	intervallet rymmer noll, men också effekter som har betydelse. Det är inget nej: med få skolor kan det mycket väl finnas en effekt.
side_pilots = De tre pilotprojekten, { $form }.
side_column_pilot = Pilotprojekt
side_column_schools = Skolor med mentorer
side_column_chosen = Hur de valdes
side_column_pupils = Elever
side_column_truth = Sann effekt
side_schools = { $pilot } av { $schools }
side_chosen = { $lot ->
    [yes] Genom lottning
   *[no] Inte genom lottning
  }
side_key = Linjen är ett { $level } intervall, punkten skattningen, och det skuggade fältet visar effekter som är för små för att ha betydelse. Alla linjer i en tabell har samma skala.
side_caption = { $outcome } bland { $among }.
side_truth = { $size }. { $held ->
    [yes] Intervallet täcker den.
    [no] Intervallet missar den.
   *[none] Det finns inget intervall.
  }
side_unknown = Inte känd.
side_held = { $held } av { $n } intervall täcker den sanna effekten. I det långa loppet bör { $share } av intervallen göra det. Slumpen i data är dragen en gång, utan att något annat prövades först.
side_exaggerated = { $n } skattningar har ett intervall utan noll. { $larger } av dem är större än den sanna effekten; medianen är { $factor } gånger så stor{ $none ->
    [0] .
   *[other] , och { $none } visar en effekt som inte finns.
  } Det är väntat: ett litet pilotprojekt hittar helst de effekter som slumpen har förstorat.
side_naive = Vad enbart före och efter hade visat
side_naive_text = Elever som väljs ut när frånvaron är hög brukar senare ha lägre frånvaro, med eller utan mentor. Att jämföra dem före och efter, som ofta görs, räknar det som en effekt.
side_asked = Att bara fråga efteråt, som man ofta gör om nöjdhet: eleverna på pilotskolorna i { $pilot } gav sin trygghet { $after } av { $most }. Innan det fanns några mentorer gav de { $before }, och den sanna effekten är { $truth }. Ett högt värde efteråt är ingen effekt. Hur nöjd någon är med mentorerna går inte alls att jämföra: bara pilotskolorna har mentorer att bedöma.
side_naive_caption = Frånvaron bland elever som tidigare haft hög frånvaro: förändringen på pilotskolorna, utvärderingens skattning och den sanna effekten.
side_column_naive = Enbart före och efter
side_column_estimate = Utvärderingens skattning
side_whole = Så tas de två andra rapporterna fram:

# Ord i figurer (`figures/`), i HTML-sidornas ram och i webbplatsens meny, och språkets eget namn.
language_in = på svenska
nav_index = Sammanfattning
nav_report = Rapport
nav_three_reports = Tre rapporter sida vid sida
nav_figures = Figurer
nav_decisions = Beslut
nav_method = Metod
nav_plan = Analysplan
nav_explorer = Utforska specifikationerna
nav_estimates = Alla skattningar
nav_quality = Datakvalitet
page_skip = Till innehållet
page_pages = Sidor
figure_watermark = SYNTETISKA DATA
figure_panels = Rutor: { $names }.
figure_pilot = Pilot
figure_comparison = Jämförelse
figure_pilot_schools = pilotskolor
figure_comparison_schools = jämförelseskolor
figure_interval_none = inget avgränsat intervall
figure_line_chart = Linjediagram. { $parts }.
figure_effect = Effekt ({ $unit })

figure_trends_title = { $outcome } på pilot- och jämförelseskolor
figure_trends_finding = { $outcome } på { $form }: från { $pilot }{ $unit } på pilotskolorna, från { $comparison }{ $unit } på jämförelseskolorna
figure_trends_moved = { $first } till { $last }
figure_trends_caption = Medelvärde över skolor, där varje skola räknas en gång{ $band ->
    [yes] ; band: ett standardfel mellan skolor
   *[no] { "" }
  }. Prickade linjer: terminer då pilotprojektet startade.
figure_trends_rounded = Medelvärdena är avrundade i steg om högst { $step } { $unit }, eftersom en enda person kan flytta dem så mycket.
figure_trends_schools = { $n } skolor
figure_trends_start = start
figure_marked_remote = på distans
figure_marked_hatched = Snedrandigt fält: undervisning på distans, { $terms }.
figure_marked_share = { $share } av { $term }
figure_event_study_marked = { $several ->
    [true] Skuggat: terminer då någon av pilotskolorna påverkades; de startade olika terminer.
   *[false] Skuggat: terminer då alla skolor påverkades.
  }
figure_trends_part = { $form }, { $schools }: { $first } { $first_term }, { $last } { $last_term }

figure_against_baseline_title = { $title }: { $pilot } procentenheter på pilotskolorna och { $comparison } på jämförelseskolorna { $term } ({ $form })
figure_by_band_title = { $title }: { $first } % vid en frånvaro på { $first_band }, { $last } % vid { $last_band } (pilotskolor efter starten, { $form })
figure_by_school_title = { $title }: { $first } % per skola { $first_term }, { $last } % { $last_term }
figure_line_of = { $arm }, { $period }

figure_reversion_title = { $outcome } bland elever som valts ut på grund av hög frånvaro, { $form }
figure_reversion_finding = { $outcome } bland elever som valts ut på grund av hög frånvaro, { $form }: från { $first } till { $second } % på en termin utan mentorer
figure_reversion_caption = Elever över gränsen under urvalsterminen (ofyllda markörer), grupperade efter den skola de då gick på. Frånvaron sjunker av sig själv (rubriken: på jämförelseskolorna): jämför pilotskolor med jämförelseskolor, aldrig med urvalsterminen. Prickad linje: starten (ett år tidigare startade inget).
figure_reversion_pilot = Pilotprojektet
figure_reversion_placebo = Samma regel ett år tidigare
figure_reversion_part = { $panel }, { $schools }: { $selected } vid urvalet, { $last } { $last_term }
figure_reversion_alt = Linjediagram. { $parts }.

figure_event_study_title = { $outcome }, { $form }: { $span } { $unit } per termin efter starten; { $all ->
    [0] inga intervall går att avgränsa
   *[other] { $n } av { $all } intervall utan noll
  }
figure_event_study_terms = Terminer sedan starten (0 är den första terminen med mentorer)
figure_event_study_difference = Skillnad ({ $unit })
figure_event_study_bars = Mot sista terminen före starten. Streck: { $level }-procentigt intervall enligt huvudtestet.
figure_event_study_unbounded = Inget avgränsat intervall går att beräkna: för få skolor deltog.
figure_event_study_joint = Gemensamt test av tidigare terminer: p = { $p }.
figure_event_study_schools = Högst { $pilot } pilotskolor av { $schools }, { $pupils } elever.
figure_event_study_alt = Händelsestudie, { $unit }. Skattningar efter terminer sedan starten: { $points }.

figure_coefficients_truth = Romber: de sanna effekterna, som är kända eftersom data är syntetiska. Punkter och linjer: skattningar och
figure_coefficients_intervals = { $level }-procentiga intervall.
figure_coefficients_schools = { $form }: { $pilot } pilotskolor av { $schools }
figure_coefficients_better = bättre
figure_coefficients_worse = sämre
figure_coefficients_alt = Koefficientdiagram. { $parts }.

figure_left_out_title = { $outcome }, { $form }: mellan { $first } och { $second } { $unit }, vilken skola som än utelämnas
figure_sweep_title = { $outcome }, { $form }: flera körningar

figure_compared_title = Två körningars huvudskattningar: { $n } av { $all } skiljer sig åt
figure_compared_caption = Streck: intervall där upplägget avgränsar dem.
figure_compared_part = { $row }: { $a } och { $b }
figure_compared_alt = Skattningar från { $a } och { $b }. { $parts }.

figure_exposure_title = { $pilot } av { $schools } skolor hade heltidsmentorer, de första från { $first }
figure_exposure_caption = Källa: exponering.csv, den enda uppgiften om vilka skolor som deltog.
figure_exposure_start = { $school } från { $term }
figure_exposure_alt = Tidslinje över skolor och terminer. Pilotskolor: { $starts }.
figure_exposure_none = inga mentorer
figure_exposure_prestudy = förstudie
figure_exposure_pilot_class = pilot, hela klasser
figure_exposure_pilot_targeted = pilot, riktat stöd
figure_exposure_unknown = okänt

figure_balance_title = Före starten skilde sig skolorna mest i { $covariate } på { $form } ({ $g } standardavvikelser)
figure_balance_caption = Sista terminen före den första starten. Grönt: inom { $small } standardavvikelser; utanför de streckade linjerna ({ $large }) räcker det inte att justera (What Works Clearinghouse).
figure_balance_axis = Hedges g (pilot minus jämförelse)
figure_balance_alt = Punktdiagram över skillnader före starten, i standardavvikelser. Den största gäller { $covariate } ({ $g }).

figure_size_title = Där ingen effekt finns hittar planens test en i högst { $planned } % av fallen (nivå: 5 %); { $method } i upp till { $worst } %
figure_size_caption = Simulerade data, minst { $n } omgångar per punkt; Monte Carlo-felet är omkring { $error } procentenheter vid 5 %. Punkter: pilotskolor som liknar de andra; kryss: de största skolorna är pilotskolor, eller skolor som varierar mer när de deltar.
figure_size_axis = Förkastade sanna nollhypoteser (%); linje: nivån, 5 %
figure_size_design = { $treated } av { $schools } i pilot
size_method_least_favourable = minst gynnsamma t (planens)
size_method_least_favourable_1_5 = minst gynnsamma t, kvot 1,5
size_method_welch = Welchs t
size_method_CR2 = CR2
size_method_CR3 = CR3
size_method_CR3_welch = CR3, Welchs frihetsgrader
size_method_ibragimov_mueller = Ibragimov och Müller
size_method_pooled = t med lika varianser
size_method_CR1 = CR1
size_method_randomization_t = randomiseringstest
size_method_wild_bootstrap = wild bootstrap
figure_size_method = { $method }{ $weights ->
    [pupils] , efter elevantal
   *[schools] {""}
  }
figure_size_part = { $method } högst { $rate } %
figure_size_alt = Punktdiagram över andelen förkastade nollhypoteser när ingen effekt finns. Sämsta fall: { $parts }.

figure_curve_title = Frånvaro, { $population }: { $n } försvarbara specifikationer, median { $median } { $unit }, gemensamt p = { $p }
figure_curve_caption = { $weight } % har samma tecken som medianen. Gemensamt test av att ingen av dem visar någon effekt: p = { $p } ({ $placements } placeringar; minsta möjliga { $smallest }).
figure_curve_below = { $n } där randomiseringstestets p är högst { $limit }
figure_curve_above = { $n } däröver
figure_curve_axis = Specifikationer, ordnade efter skattning
figure_curve_alt = Specifikationskurva. Skattningar från { $low } till { $high }, median { $median }; gemensamt p { $p }.

figure_drift_title = { $outcome }, { $population }: { $finding }
figure_drift_caption = { $level }-procentiga intervall för den genomsnittliga effekten (Rambachan och Roth 2023), med kritiska värden för få skolor. 0 är ingen förskjutning.
figure_drift_mean_effect = Genomsnittlig effekt ({ $unit })
figure_drift_relative_magnitudes = Förskjutning lika stor som tidigare (relativ storlek)
    .axis = Gånger den största tidigare ändringen
figure_drift_any = Mätt mot den största tidigare förändringen rymmer intervallet noll även utan någon förskjutning
figure_drift_from = Intervallet rymmer inte noll förrän förskjutningen efter starten är { $times } gånger den största ändringen före den (brytvärde)
figure_drift_straight = Om varje skolas raka trend före starten hade fortsatt skulle effekten vara { $span } { $unit }{ $way ->
    [better] , en förbättring
    [worse] , en försämring
   *[open] { "" }
}.
figure_drift_alt = Intervall efter tillåten förskjutning. { $finding }.

figure_published_title = Effekt på frånvaron{ $who ->
    [none] { "" }
   *[other] { " " }({ $who })
  }: { $ours } procentenheter här, { $theirs } i den närmaste publicerade studien
figure_published_own = Det här pilotprojektet: { $who }
figure_published_caption = Publicerade effekter i dagar över ett läsår på { $school_days } dagar; källorna finns i tabellen. Effekten av att delta är en annan än effekten av att erbjudas; även grupperna skiljer sig åt.
figure_published_axis = Effekt på frånvaron (procentenheter; dagar delat med { $school_days })
figure_published_no_error = standardfel anges inte
figure_published_part = { $row }: { $points } ({ $interval })

figure_power_title = { $outcome }: den minsta effekt som nästa pilotprojekt skulle upptäcka
figure_power_caption = Upptäcks i fyra fall av fem på 5-procentsnivån, med de test som den här utvärderingen skulle använda.
figure_power_blind = Ingen effekt, hur stor den än är, går att upptäcka när { $designs } skolor deltar.
figure_power_blind_design = { $treated } av { $schools }
figure_power_design = { $schools } skolor med { $pupils } elever, { $before }+{ $after } terminer
figure_power_part = { $design }, { $treated } pilotskolor: { $effect }
figure_power_schools = Skolor med mentorer
figure_power_effect = Minsta upptäckta effekt ({ $unit })
